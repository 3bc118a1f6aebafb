import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createClient } from '../../client/index.ts';
import { makeAgentToken } from '../support/agent-token.ts';
import { type CliOptions, makeFolder, runCli, runShell, startCli } from '../support/processes.ts';
import { agentFile } from '../support/workspace-files.ts';

const isRoot = process.getuid?.() === 0;
const file = '.qgjob/agent/rack/token.json';
const keptIn = (cwd: string): string => JSON.parse(readFileSync(join(cwd, file), 'utf8')).token;

async function startServer(cwd = makeFolder({ 'qgjob.agent.json': agentFile({ name: 'rack' }) })) {
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const operator = readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();
  return { cwd, server, url, operator, client: createClient({ url, token: operator }) };
}

/** Starts an agent until it serves, and ends it. */
async function serveOnce(words: readonly string[], options: CliOptions): Promise<string> {
  const agent = startCli(['agent', ...words], options);
  await agent.sees(/agent rack serves/);
  return (await agent.stop()).stderr;
}

test('beside the folder of the server an agent makes itself one token, for its name alone, and uses it again', async () => {
  const { cwd, client } = await startServer();
  await serveOnce([], { cwd });
  const token = keptIn(cwd);
  expect(token).toMatch(/^qgj_agt_/);
  expect(statSync(join(cwd, file)).mode & 0o777).toBe(0o600);
  await serveOnce([], { cwd });
  expect(keptIn(cwd)).toBe(token);
  const { tokens } = await client.call('listTokens');
  const made = tokens.filter(({ scopes }) => !scopes.includes('operator'));
  expect(made).toMatchObject([{ name: 'rack', shared: true, scopes: ['agent'], agent_names: 'rack' }]);
});

test('a token of another database is replaced, and so is a broken file', async () => {
  const first = await startServer();
  await serveOnce([], first);
  const old = readFileSync(join(first.cwd, file), 'utf8');
  const second = await startServer();
  const { cwd } = second;
  await serveOnce([], second);
  for (const text of [old, '{"token":', '{"token": 1}']) {
    const before = keptIn(cwd);
    writeFileSync(join(cwd, file), text);
    await serveOnce([], { cwd });
    expect(keptIn(cwd)).not.toBe(before);
    expect(text).not.toContain(keptIn(cwd));
  }
});

test('a token that was revoked stays so: the agent ends, and says which file to remove for another', async () => {
  const { cwd, client } = await startServer();
  await serveOnce([], { cwd });
  await client.call('deleteToken', { params: { id: keptIn(cwd).split('_')[2] ?? '' } });
  const ended = await runCli(['agent'], { cwd });
  expect(ended).toMatchObject({ code: 3, stdout: '' });
  expect(ended.stderr).toContain(
    `the token is that of ${join(cwd, file)}: without this file the agent makes`,
  );
});

test('an agent does not run on the token of the operator or of an admin, unless it is told to', async () => {
  const { url, operator, client } = await startServer();
  await client.call('createOrg', { body: { org_id: 'acme' } });
  const admin = { name: 'all', org_id: 'acme', scopes: ['admin' as const, 'agent' as const] };
  const { token: ofAdmin } = await client.call('createToken', { body: admin });
  const cwd = makeFolder({ 'qgjob.agent.json': agentFile({ name: 'rack' }) });
  for (const token of [operator, ofAdmin]) {
    const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: token };
    const ended = await runCli(['agent'], { cwd, env });
    expect(ended).toMatchObject({ code: 3, stdout: '' });
    expect(ended.stderr).toMatch(
      /^qgjob agent: this token is (?:the operator|an admin)'s: .*`qgjob tokens create --name=rack --shared > agent\.token`.*--token-file=agent\.token.*\n$/,
    );
    expect(ended.stderr).not.toContain(token);
  }
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: operator };
  await serveOnce(['--insecure-operator-token'], { cwd, env });
});

test('a token comes from a file or from stdin', async () => {
  const { url, operator } = await startServer();
  const token = await makeAgentToken(url, operator);
  const cwd = makeFolder({ 'qgjob.agent.json': agentFile({ name: 'rack' }), 'agent.token': `${token}\n` });
  await serveOnce([`--server-url=${url}`, '--token-file=agent.token'], { cwd });
  writeFileSync(join(cwd, 'operator.token'), operator);
  const list = ['list', `--server-url=${url}`, '--json', '--token-file=-'];
  expect(await runShell('"$@" < operator.token', list, { cwd })).toMatchObject({ code: 0, stderr: '' });
});

test.runIf(isRoot)(
  'a file with a token that tests could read ends the agent before its first lease',
  async () => {
    const { url, operator } = await startServer();
    const token = await makeAgentToken(url, operator);
    const settings = {
      ...JSON.parse(agentFile({ name: 'rack' })),
      isolation: 'user',
      isolation_user: 'nobody',
    };
    const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings), 'agent.token': token });
    chmodSync(cwd, 0o755);
    const words = [`--server-url=${url}`, '--token-file=agent.token'];
    const ended = await runCli(['agent', ...words], { cwd });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toBe(
      `qgjob agent: isolation user: tests could read ${join(cwd, 'agent.token')}, which holds a token; make it readable for the agent's user alone (chmod 600)\n`,
    );
    chmodSync(join(cwd, 'agent.token'), 0o600);
    await serveOnce(words, { cwd });
  },
);

test.runIf(process.platform === 'linux')(
  'dev makes its agent a token too, and its process shows none that it was started with',
  async () => {
    const cwd = makeFolder({ 'qgjob.agent.json': agentFile({ name: 'rack' }) });
    const given = `qgj_op_${'0'.repeat(24)}_${'0'.repeat(72)}`;
    const dev = startCli(['dev', '--port=0'], { cwd, env: { QGJOB_TOKEN: given, QGJOB_DEBUG: '1' } });
    await dev.sees(/agent rack serves/);
    expect(keptIn(cwd)).toMatch(/^qgj_agt_/);
    const environment = readFileSync(`/proc/${dev.pid}/environ`, 'utf8');
    expect(environment).toContain('QGJOB_DEBUG=1');
    expect(environment).not.toContain('qgj_');
    expect(await dev.stop('SIGINT')).toMatchObject({ code: 0 });
  },
);
