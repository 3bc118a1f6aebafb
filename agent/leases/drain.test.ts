import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent, type TestAgent } from '../test-support/start-agent.ts';

const files = {
  'waits.sh': 'trap "" TERM; echo ready; until [ -e go ]; do sleep 0.02; done',
  'next.sh': 'exit 0',
};
const lease = leaseOf(['waits.sh', 'next.sh']);

async function startRunning(options: Parameters<typeof startTestAgent>[0] = {}): Promise<TestAgent> {
  const started = await startTestAgent({ files, ...options });
  started.server.grant(lease);
  await started.server.until(() => started.server.logOf('job_waits_sh').includes('ready'));
  return started;
}

test('a drain lets the running test end, gives back the rest and takes nothing more', async () => {
  const { server, root, stop } = await startRunning();
  const ended = stop();
  writeFileSync(join(root, 'go'), '');
  expect(await ended).toBe(0);
  expect(server.verdictOf('job_waits_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.story).toEqual(['startJob', 'finishJob', 'releaseLease']);
  expect(server.callsOf('takeLease')).toHaveLength(1);
});

test('the leases of a draining agent are renewed until its test has ended', async () => {
  const { server, root, stop } = await startRunning({
    prepare: (fake) => {
      fake.heartbeatMs = 10;
    },
  });
  const ended = stop();
  const beats = server.callsOf('heartbeat').length;
  await server.until(() => server.callsOf('heartbeat').length > beats + 1);
  expect(server.callsOf('heartbeat').at(-1)?.body).toMatchObject({ leases: [...server.granted.keys()] });
  writeFileSync(join(root, 'go'), '');
  await ended;
});

test('a drain that the server asks for gives back the rest too, and the agent stays', async () => {
  const { server, root } = await startRunning();
  server.giveNews({ drain: true });
  const beats = server.callsOf('heartbeat').length;
  await server.until(() => server.callsOf('heartbeat').length > beats);
  writeFileSync(join(root, 'go'), '');
  await server.until(() => server.callsOf('releaseLease').length === 1);
  expect(server.story).toEqual(['startJob', 'finishJob', 'releaseLease']);
  server.giveNews({ drain: false });
  server.grant(leaseOf(['next.sh']));
  expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'passed' });
});

test('a kill ends the running test at once, says so, and gives back the rest', async () => {
  const { server, agent, stop, done } = await startRunning();
  void stop();
  agent.stop.requestKill(130);
  expect(await done).toBe(130);
  expect(server.verdictOf('job_waits_sh')).toMatchObject({
    verdict: 'error',
    error_class: 'interrupted',
    error: 'the agent was stopped before the test ended',
  });
  expect(server.story).toEqual(['startJob', 'finishJob', 'releaseLease']);
});

test('a drain that takes too long turns into a kill, and is no failure of the agent', async () => {
  const { server, stop } = await startRunning({ timing: { drainMs: 10 } });
  expect(await stop()).toBe(0);
  expect(server.verdictOf('job_waits_sh')).toMatchObject({ error_class: 'interrupted' });
});

test('an agent that is killed while the server is away does not wait for it', async () => {
  const { agent, server, done } = await startRunning({
    timing: { leaveMs: 10 },
    prepare: (fake) => fake.refuse('finishJob', 'unavailable', { times: 100 }),
  });
  agent.stop.requestKill(130);
  expect(await done).toBe(130);
  expect(server.callsOf('finishJob').length).toBeLessThan(4);
});
