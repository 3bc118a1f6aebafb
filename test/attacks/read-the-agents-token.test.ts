import { chmodSync, copyFileSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { IsolationName } from '../../agent/isolation/isolation.ts';
import { createClient, waitForJob } from '../../client/index.ts';
import { nameOfToken } from '../../protocol/token-name.ts';
import { makeAgentToken } from '../support/agent-token.ts';
import { decoys, huntFiles, planted } from '../support/hunt.ts';
import { makeFolder, type RunningCli, runCli, startCli } from '../support/processes.ts';
import { projectRoot } from '../support/sources.ts';

const isRoot = process.getuid?.() === 0;
const idOf = (token: string): string => nameOfToken(token)?.id ?? 'no token';
const readToken = (cwd: string): string => readFileSync(join(cwd, '.qgjob/admin.token'), 'utf8').trim();

/** A copy of Node that every user of this machine may run, wherever the project lies. */
function nodeForAll(): string {
  const folder = makeFolder({});
  chmodSync(folder, 0o755);
  const copy = join(folder, 'node');
  copyFileSync(process.execPath, copy);
  chmodSync(copy, 0o755);
  return copy;
}

/** A workspace that also another user may read, whose one test looks for tokens. */
function makeWorkspace(isolation: IsolationName): string {
  const settings = {
    name: 'rack',
    devices: [{ driver: 'simulated', target: 'emulator' }],
    frameworks: {
      default: 'command',
      command: { test: [isolation === 'user' ? nodeForAll() : 'node', '{test}'] },
    },
    isolation,
    // Node may lie in the folder for temporary files.
    isolation_visible: [projectRoot, dirname(process.execPath)],
    ...(isolation === 'user' && { isolation_user: 'nobody' }),
  };
  const cwd = makeFolder({ 'qgjob.agent.json': JSON.stringify(settings), ...huntFiles });
  chmodSync(cwd, 0o755);
  return cwd;
}

async function startServer(cwd: string): Promise<{ url: string; operator: string }> {
  const server = startCli(['server', '--port=0'], { cwd });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  return { url, operator: readToken(cwd) };
}

/** What the test in this workspace has found: the ids of tokens by place, and what of the agent's process it has read. */
async function hunt(agent: RunningCli, cwd: string, url: string, operator: string) {
  await agent.sees(/agent rack serves/);
  // In this process: one that is started with the operator's token would show it.
  const client = createClient({ url, token: operator });
  const body = { org_id: 'acme', app_version_id: 'v1', test_path: 'hunt.cjs', framework: 'command' as const };
  const { job_id } = await client.call('submitJob', { body });
  expect(await waitForJob(client, job_id)).toMatchObject({ status: 'passed' });
  const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: operator };
  const log = (await runCli(['logs', job_id], { cwd, env })).stdout;
  const found = [...log.matchAll(/^found (\w+) in (.+)$/gm)].map(([, id = '', place = '']) => ({
    id,
    place,
  }));
  const idsIn = (place: string): string[] => found.filter((one) => one.place === place).map(({ id }) => id);
  // It is not blind.
  expect(idsIn(join(cwd, 'decoy.txt'))).toEqual([decoys.file]);
  expect(idsIn('environ of the decoy')).toEqual([decoys.environment]);
  expect(idsIn('cmdline of the decoy')).toEqual([decoys.words]);
  const plantedIn = [...log.matchAll(/^planted in (.+)$/gm)].map(([, place = '']) => place);
  expect(plantedIn).toContain('environ of the decoy');
  return {
    plantedIn: plantedIn.filter((place) => place !== 'environ of the decoy'),
    placesOf: (id: string) => found.filter((one) => one.id === id).map(({ place }) => place),
    sees: (file: string) => log.includes(`read ${file} of ${agent.pid}\n`),
  };
}

describe('an agent beside the folder of the server', () => {
  async function huntBeside(isolation: IsolationName) {
    const cwd = makeWorkspace(isolation);
    const { url, operator } = await startServer(cwd);
    // A variable that the agent does not need.
    const agent = startCli(['agent'], { cwd, env: { QGJOB_TOKEN: operator } });
    const found = await hunt(agent, cwd, url, operator);
    const file = join(cwd, '.qgjob/agent/rack/token.json');
    const own = idOf(JSON.parse(readFileSync(file, 'utf8')).token);
    return { cwd, file, found, own, operator: idOf(operator) };
  }

  test.runIf(process.platform === 'linux')(
    'without isolation a test of the same user reads its files, and so the tokens, but no process shows them',
    async () => {
      const { cwd, file, found, own, operator } = await huntBeside('none');
      expect([found.sees('environ'), found.sees('cmdline')]).toEqual([true, true]);
      expect(found.placesOf(own)).toEqual([file]);
      expect(found.placesOf(operator)).toEqual([join(cwd, '.qgjob/admin.token')]);
    },
  );

  test.runIf(isRoot)('a test of another user finds neither its token nor the operator’s', async () => {
    const { found, own, operator } = await huntBeside('user');
    expect([found.sees('environ'), found.sees('cmdline')]).toEqual([false, true]);
    expect([found.placesOf(own), found.placesOf(operator)]).toEqual([[], []]);
  });

  test.runIf(isRoot)('a test in a namespace sees neither the process nor a token', async () => {
    const { found, own, operator } = await huntBeside('namespace');
    expect([found.sees('environ'), found.sees('cmdline')]).toEqual([false, false]);
    expect([found.placesOf(own), found.placesOf(operator)]).toEqual([[], []]);
  });
});

describe.runIf(process.platform === 'linux')('an agent that is given its token, without isolation', () => {
  test.each<[how: string, give: (token: string) => { words: string[]; env: Record<string, string> }]>([
    ['in a variable', (token) => ({ words: [], env: { QGJOB_TOKEN: token } })],
    ['in two variables', (token) => ({ words: [], env: { QGJOB_TOKEN: token, MINE: `is ${token}` } })],
    ['in a word', (token) => ({ words: [`--token=${token}`], env: {} })],
    ['in two words', (token) => ({ words: ['--token', token], env: {} })],
    [
      'in a file elsewhere',
      (token) => ({ words: [`--token-file=${join(makeFolder({ token: `${token}\n` }), 'token')}`], env: {} }),
    ],
  ])('%s: a test finds it nowhere, nor the operator’s', async (_how, give) => {
    const { url, operator } = await startServer(makeFolder({}));
    const token = await makeAgentToken(url, operator);
    const cwd = makeWorkspace('none');
    const { words, env } = give(token);
    const agent = startCli(['agent', `--server-url=${url}`, ...words, '--name=rack'], {
      cwd,
      env: { ...env, OPERATORS: operator, DB_PASSWORD: planted, MY_DB: `postgres://app:${planted}@db/x` },
    });
    const found = await hunt(agent, cwd, url, operator);
    expect([found.sees('environ'), found.sees('cmdline')]).toEqual([true, true]);
    expect([found.placesOf(idOf(token)), found.placesOf(idOf(operator))]).toEqual([[], []]);
    expect(found.plantedIn).toEqual([]);
  });

  test('what is hidden is there for the agent: it goes to tests that need it, and is masked', async () => {
    const { url, operator } = await startServer(makeFolder({}));
    const token = await makeAgentToken(url, operator);
    const settings = {
      devices: [{ driver: 'simulated', target: 'emulator' }],
      frameworks: { default: 'command', command: { test: ['sh', '{test}'] } },
      env: ['DB_PASSWORD'],
    };
    const cwd = makeFolder({
      'qgjob.agent.json': JSON.stringify(settings),
      token: token,
      'a.sh': 'echo "it is <$DB_PASSWORD> of $(printenv DB_PASSWORD | wc -c)"',
    });
    const words = [`--server-url=${url}`, '--token-file=token', '--name=rack'];
    const agent = startCli(['agent', ...words], { cwd, env: { DB_PASSWORD: planted } });
    await agent.sees(/agent rack serves/);
    const client = createClient({ url, token: operator });
    const body = { org_id: 'acme', app_version_id: 'v1', test_path: 'a.sh', framework: 'command' as const };
    const { job_id } = await client.call('submitJob', { body });
    expect(await waitForJob(client, job_id)).toMatchObject({ status: 'passed' });
    const env = { QGJOB_SERVER_URL: url, QGJOB_TOKEN: operator };
    const log = (await runCli(['logs', job_id], { cwd, env })).stdout;
    expect(log).toContain(`it is <[redacted]> of ${planted.length + 1}`);
  });
});
