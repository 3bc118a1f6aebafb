import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type AgentProcess, startAgentProcess } from './test-support/agent-process.ts';
import { FakeServer } from './test-support/fake-server.ts';
import { makeWorkspace, untilFile, untilGone, untilTrue } from './test-support/host.ts';
import { leaseOf } from './test-support/leases.ts';

const frameworks = { default: 'command', command: { test: ['sh', '{test}'] } };
const devices = [{ driver: 'simulated', target: 'emulator' }];

interface Scene {
  readonly server: FakeServer;
  readonly root: string;
  readonly agent: AgentProcess;
}

/** An agent process whose device runs a test that makes the file `ready` and ends when the file `go` is there. */
async function startRunning(script: string): Promise<Scene> {
  const server = await FakeServer.start();
  onTestFinished(() => server.close());
  const root = makeWorkspace({
    'qgjob.agent.json': JSON.stringify({ devices, frameworks }),
    'a.sh': `${script}; echo $$ > pid; touch ready; until [ -e go ]; do sleep 0.02; done`,
    'b.sh': 'exit 0',
  });
  const agent = startAgentProcess(root, { serverUrl: server.url });
  server.grant(leaseOf(['a.sh', 'b.sh']));
  await untilFile(join(root, 'ready'));
  return { server, root, agent };
}

test('at the first SIGTERM the running test may end, the rest is given back, and the exit is 0', async () => {
  const { server, root, agent } = await startRunning('true');
  agent.signal('SIGTERM');
  await agent.says('draining: running tests may end, nothing new is taken; a second signal stops them');
  writeFileSync(join(root, 'go'), '');
  expect(await agent.ended).toBe(0);
  expect(server.verdictOf('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.story).toEqual(['startJob', 'finishJob', 'releaseLease']);
  expect(readdirSync(join(root, '.qgjob/agent/rack-1'))).toEqual([]);
});

test('at the second the test is killed and reported as interrupted, whatever it does about signals', async () => {
  const { server, root, agent } = await startRunning('trap "" TERM INT');
  agent.signal('SIGTERM');
  await agent.says('draining');
  agent.signal('SIGINT');
  expect(await agent.ended).toBe(130);
  expect(server.verdictOf('job_a_sh')).toMatchObject({ verdict: 'error', error_class: 'interrupted' });
  await untilGone(readFileSync(join(root, 'pid'), 'utf8'));
});

test('at the third it leaves at once, though the server has not answered', async () => {
  const { server, root, agent } = await startRunning('trap "" TERM INT');
  server.hold('finishJob');
  agent.signal('SIGTERM');
  await agent.says('draining');
  agent.signal('SIGTERM');
  await server.until(() => server.callsOf('finishJob').length === 1);
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(130);
  await untilGone(readFileSync(join(root, 'pid'), 'utf8'));
});

test('what a killed agent left behind is ended and removed by the next start of its name', async () => {
  const { server, root, agent } = await startRunning('trap "" TERM INT');
  agent.signal('SIGKILL');
  expect(await agent.ended).toBe('SIGKILL');
  expect(existsSync(join(root, '.qgjob/agent/rack-1', String(agent.pid)))).toBe(true);
  const next = startAgentProcess(root, { serverUrl: server.url });
  await next.says('agent rack-1 serves');
  await untilGone(readFileSync(join(root, 'pid'), 'utf8'));
  expect(existsSync(join(root, '.qgjob/agent/rack-1', String(agent.pid)))).toBe(false);
});

test('a verdict outlives an agent that is killed while the server is away', async () => {
  const { server, root, agent } = await startRunning('true');
  server.goAway();
  writeFileSync(join(root, 'go'), '');
  const folder = join(root, '.qgjob/agent/rack-1/spool');
  await untilTrue(() => existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.spool')));
  agent.signal('SIGKILL');
  await agent.ended;
  server.comeBack();
  const next = startAgentProcess(root, { serverUrl: server.url });
  await next.says('a.sh: the verdict of an earlier start was taken: passed');
  expect(server.verdictOf('job_a_sh')).toMatchObject({ attempt: 1, verdict: 'passed' });
  await next.says('agent rack-1 serves');
  expect(readdirSync(folder)).toEqual([]);
});

test('two agents of other names share a folder and leave each other alone', async () => {
  const { server, root, agent } = await startRunning('true');
  const other = startAgentProcess(root, { serverUrl: server.url, name: 'rack-2', once: true });
  await other.says('agent rack-2 serves');
  server.grant(leaseOf(['b.sh']));
  expect(await other.ended).toBe(0);
  expect(existsSync(join(root, '.qgjob/agent/rack-1', String(agent.pid)))).toBe(true);
  writeFileSync(join(root, 'go'), '');
  await server.until(() => server.callsOf('finishJob').length === 3);
  expect(server.verdictOf('job_a_sh')).toMatchObject({ verdict: 'passed' });
});

test('an agent that waits for a server that is away can be stopped', async () => {
  const server = await FakeServer.start();
  const { url } = server;
  await server.close();
  const agent = startAgentProcess(makeWorkspace(), { serverUrl: url });
  await agent.says(`cannot reach ${url}`);
  agent.signal('SIGTERM');
  expect(await agent.ended).toBe(0);
});

test('a configuration that cannot be read ends it with exit 2 and one line', async () => {
  const root = makeWorkspace({ 'qgjob.agent.json': '{"nmae": "x"}' });
  const agent = startAgentProcess(root, { serverUrl: 'http://127.0.0.1:9' });
  expect(await agent.ended).toBe(2);
  expect(agent.said()).toBe(`qgjob agent: ${join(root, 'qgjob.agent.json')}: Unrecognized key: "nmae"\n`);
});
