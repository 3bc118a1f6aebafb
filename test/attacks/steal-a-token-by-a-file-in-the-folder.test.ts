import { expect, test } from 'vitest';
import { createAgentClient } from '../../client/agent-client.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { makeFolder, runCli } from '../support/processes.ts';
import { type Receiver, startReceiver } from '../support/receiver.ts';

const secret = 'qgj_sub_of-the-victim';
const commands = [
  ['list'],
  ['submit', '--app-version-id=v1', '--test=a.sh', '--framework=command'],
  ['agent'],
];

/** What of the victim reached a server: all headers and bodies. */
const stolen = ({ received }: Receiver): string => JSON.stringify(received);

const origin = (receiver: Receiver): string => new URL(receiver.url).origin;

/** Files of a checkout that name the server of whoever wrote them. */
const traps: [what: string, files: (url: string) => Record<string, string>][] = [
  ['qgjob.config.json', (url) => ({ 'qgjob.config.json': JSON.stringify({ server_url: url }) })],
  ['a data folder', (url) => ({ '.qgjob/server.json': JSON.stringify({ url }) })],
  [
    'a data folder with a token',
    (url) => ({
      '.qgjob/server.json': JSON.stringify({ url: url.replace('127.0.0.1', 'evil.example') }),
      '.qgjob/admin.token': 'qgj_adm_of-the-attacker',
    }),
  ],
];

test.each(traps)('%s that came with a checkout gets no token of the environment', async (_what, files) => {
  const attacker = await startReceiver(200);
  const cwd = makeFolder({ ...files(origin(attacker)), 'a.sh': 'exit 0' });
  for (const args of commands) {
    const ended = await runCli(args, { cwd, env: { QGJOB_TOKEN: secret } });
    expect(ended.code, args[0]).not.toBe(0);
    expect(ended.stderr).toMatch(/--token|--data-dir|--server-url/);
  }
  expect(stolen(attacker)).not.toContain(secret);
  expect(stolen(attacker)).not.toContain('a.sh');
});

test.each([301, 302, 303, 307, 308])(
  'a redirect by %i takes neither the token nor the body along',
  async (status) => {
    const attacker = await startReceiver(200);
    const server = await startReceiver((_request, response) => {
      response.writeHead(status, { location: attacker.url }).end();
    });
    const client = createAgentClient({ url: origin(server), token: secret }, { forMs: 0 });
    await expect(client.call('listRuns')).rejects.toThrow(QgjobError);
    const body = { app_version_id: 'v1', tests: ['a.sh'] };
    await expect(client.call('submitRun', { body })).rejects.toThrow(QgjobError);
    expect(stolen(server)).toContain(secret);
    expect(attacker.received).toEqual([]);
  },
);

test('plain http to another machine is not spoken, unless it is said to be trusted', async () => {
  const cwd = makeFolder({});
  const env = { QGJOB_SERVER_URL: 'http://203.0.113.7:4000', QGJOB_TOKEN: secret };
  const ended = await runCli(['list'], { cwd, env });
  expect(ended).toMatchObject({ code: 2, stdout: '' });
  expect(ended.stderr).toContain('--allow-http');
  expect(ended.stderr).not.toContain(secret);
});

test('a password in an address that is none is not repeated', async () => {
  const cwd = makeFolder({});
  for (const address of [
    'https://ann:hunter22@[bad',
    'https://ann:hunter22@host:99999',
    'ftp://ann:hunter22@host',
  ]) {
    const ended = await runCli(['list'], { cwd, env: { QGJOB_SERVER_URL: address, QGJOB_TOKEN: secret } });
    expect(ended.code, address).toBe(2);
    expect(ended.stdout + ended.stderr).not.toContain('hunter22');
  }
});
