import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Job } from '../../protocol/shapes/job.ts';
import { makeAgentToken } from '../support/agent-token.ts';
import { makeFolder, runCli, startCli } from '../support/processes.ts';
import { type ProxyRule, startProxy } from '../support/proxy.ts';
import { agentFile } from '../support/workspace-files.ts';

const files = {
  'qgjob.agent.json': agentFile({ name: 'rack' }),
  'bad.sh': 'echo bad >> starts; echo "<script>expected 2, got 3</script>"; exit 1',
};
const page = '<title>Not here</title>';
const submit = [
  ...['submit', '--org-id=acme', '--app-version-id=v1', '--test=bad.sh', '--framework=command'],
  '--source=workspace',
];

/** A server with a data folder of its own, and a proxy with a base path before it. */
async function openProxied(rule: ProxyRule) {
  const home = makeFolder({});
  const server = startCli(['server', '--port=0'], { cwd: home });
  const [, url = ''] = await server.sees(/^qgjob server listening on (http:\S+)$/m);
  const proxy = await startProxy(url, rule, '/qgjob');
  onTestFinished(proxy.close);
  const token = readFileSync(join(home, '.qgjob/admin.token'), 'utf8').trim();
  const cwd = makeFolder(files);
  const env = { QGJOB_SERVER_URL: proxy.url, QGJOB_TOKEN: token };
  const agentEnv = { ...env, QGJOB_TOKEN: await makeAgentToken(url, token) };
  return { cwd, env, agentEnv, url };
}

test('behind a base path, a filter and a proxy with errors, a failed test is reported as failed', async () => {
  const left = new Map([...['submitRun', 'getRun', 'startJob', 'heartbeat']].map((name) => [name, 2]));
  const { cwd, env, agentEnv } = await openProxied(({ route = '', body }) => {
    const more = left.get(route) ?? 0;
    left.set(route, more - 1);
    if (more > 0) return { status: 404, body: page };
    return body.includes('<script') ? { status: 403, body: page } : undefined;
  });
  const agent = startCli(['agent'], { cwd, env: agentEnv });
  await agent.sees(/agent rack serves/);
  const ended = await runCli([...submit, '--retry-failed-tests=0', '--wait', '--json'], { cwd, env });
  expect(ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /answered 404 with a page that is not qgjob's \("Not here"\).*trying again/,
    ),
  });
  const last = JSON.parse(ended.stdout.trim().split('\n').at(-2) ?? '') as Job;
  expect(last).toMatchObject({ status: 'failed', attempt: 1, failures: 0, crashes: 0 });
  await agent.sees(/its verdict was taken, but not all of its texts/);
  expect(readFileSync(join(cwd, 'starts'), 'utf8')).toBe('bad\n');
});

test('a page of a proxy is no answer about a run: the commands exit with 4 and describe it', async () => {
  let isOn = false;
  const { cwd, env, url } = await openProxied(() => (isOn ? { status: 404, body: page } : undefined));
  const submitted = await runCli(submit, { cwd, env });
  const [runId = ''] = submitted.stdout.split('\n');
  isOn = true;
  const commands = [
    ['wait', runId],
    ['status', runId, '--exit-code'],
    ['cancel', runId],
  ];
  for (const ended of await Promise.all(commands.map((command) => runCli(command, { cwd, env })))) {
    expect(ended).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(/answered 404 with a page that is not qgjob's .*is `server-url` right/),
    });
  }
  const direct = { cwd, env: { ...env, QGJOB_SERVER_URL: url } };
  expect(await runCli(['status', runId, '--exit-code'], direct)).toMatchObject({ code: 8 });
});
