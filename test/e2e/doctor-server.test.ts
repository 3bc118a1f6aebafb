import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeFolder, runCli, startCli } from '../support/processes.ts';

interface Finding {
  readonly what: string;
  readonly state: string;
  readonly says: string;
  readonly cure?: string;
}

/** `qgjob doctor --server` in a folder: its exit code, and its findings by what they are of. */
async function examine(cwd: string, ...args: string[]) {
  const { code, stdout } = await runCli(['doctor', '--server', '--json', ...args], { cwd });
  const findings = JSON.parse(stdout) as Finding[];
  return { code, of: (what: string) => findings.find((one) => one.what === what), findings };
}

/** An address at which nobody listens any more. */
async function closedUrl(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}`;
}

test('of a server that is as it should be every line is ok', async () => {
  const cwd = makeFolder({});
  const closed = await closedUrl();
  const server = startCli(['server', '--port=0', `--public-url=${closed}`], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const { code, of, findings } = await examine(cwd);
  expect(of('server')).toMatchObject({
    state: 'ok',
    says: expect.stringContaining(`${url} (from .qgjob/server.json) answers`),
  });
  expect(of('lock')).toMatchObject({ state: 'ok', says: `held by the server with pid ${server.pid}` });
  // Nobody answers at its public address.
  expect(of('public')).toMatchObject({
    state: 'problem',
    says: expect.stringContaining(closed),
  });
  expect(code).toBe(1);
  const others = findings.filter(({ what, state }) => what !== 'public' && what !== 'disk' && state !== 'ok');
  expect(others).toEqual([]);
  const said = await runCli(['doctor', '--server'], { cwd });
  expect(said.stdout).toMatch(
    /^✓ server +http:.*\n[\s\S]*^✗ public .*\n +→ look at the proxy.*\n[\s\S]*\n\n1 thing has to be put right\n$/m,
  );
});

test('what is wrong with the folder of a server that does not run is said, with what to do', async () => {
  const cwd = makeFolder({});
  expect(await examine(cwd)).toMatchObject({ code: 1, findings: [{ what: 'server', state: 'problem' }] });
  const server = startCli(['server', '--port=0'], { cwd });
  await server.sees(/^qgjob server listening on http:\S+$/m);
  await server.stop('SIGKILL');
  const data = join(cwd, '.qgjob');
  const killed = await examine(cwd);
  expect(killed.of('server')).toMatchObject({
    state: 'problem',
    says: expect.stringMatching(/does not answer/),
  });
  expect(killed.of('lock')).toMatchObject({ state: 'warning', says: 'left by a server that was killed' });
  expect(killed.of('database')).toMatchObject({ state: 'ok' });

  const again = startCli(['server', '--port=0'], { cwd });
  await again.sees(/^qgjob server listening on http:\S+$/m);
  await again.stop();
  chmodSync(join(data, 'admin.token'), 0o644);
  mkdirSync(join(data, 'before-restore-20260101T000000Z'));
  const file = join(data, 'qgjob.db');
  writeFileSync(file, readFileSync(file).fill(0xa5, 8 * 4096, 8 * 4096 + 200));
  const spoilt = await examine(cwd);
  expect(spoilt.code).toBe(1);
  expect(spoilt.of('database')).toMatchObject({
    state: 'problem',
    says: expect.stringMatching(/damaged|malformed/),
  });
  expect(spoilt.of('private')).toMatchObject({
    state: 'problem',
    cure: expect.stringContaining('chmod go= '),
  });
  expect(spoilt.of('left')).toMatchObject({ state: 'warning' });
  writeFileSync(`${file}.restoring`, '');
  expect((await examine(cwd)).of('database')).toMatchObject({ says: expect.stringContaining('was cut off') });
});
