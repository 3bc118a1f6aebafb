import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Heartbeat } from '../../protocol/shapes/agent.ts';
import type { FakeServer } from '../test-support/fake-server.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = { 'waits.sh': 'until [ -e go ]; do sleep 0.02; done' };
const waiting = leaseOf(['waits.sh']);
const heartbeatsOf = (server: FakeServer) =>
  server.callsOf('heartbeat').map((call) => call.body as Heartbeat);

test('an agent without leases sends heartbeats with an empty list', async () => {
  const { server, agent } = await startTestAgent();
  await server.until(() => heartbeatsOf(server).length > 0);
  expect(heartbeatsOf(server)[0]).toEqual({ boot_id: agent.bootId, leases: [], wait_ms: 15_000 });
});

test('heartbeats go on while a test runs, and names its lease', async () => {
  const { server, root } = await startTestAgent({
    files,
    prepare: (fake) => {
      fake.heartbeatMs = 10;
    },
  });
  server.grant(waiting);
  await server.until(() => heartbeatsOf(server).filter((one) => one.leases.length === 1).length >= 3);
  expect(server.callsOf('finishJob')).toEqual([]);
  expect(heartbeatsOf(server).at(-1)?.leases).toEqual([...server.granted.keys()]);
  writeFileSync(join(root, 'go'), '');
  expect(await server.verdict('job_waits_sh')).toMatchObject({ verdict: 'passed' });
});

test('a new lease is named at once, though a long poll is still open', { timeout: 10_000 }, async () => {
  const { server } = await startTestAgent({ files, prepare: (fake) => void fake.hold('heartbeat') });
  await server.until(() => heartbeatsOf(server).length === 1);
  server.grant(waiting);
  await server.until(() => heartbeatsOf(server).at(-1)?.leases.length === 1);
});

test('where leases come faster than beats, every second beat is answered at once', async () => {
  const { server } = await startTestAgent({ files: { 'a.sh': 'exit 0' } });
  for (let n = 1; n <= 3; n += 1) {
    server.grant(leaseOf(['a.sh']));
    await server.until(() => server.callsOf('finishJob').length === n);
  }
  const quick = () => heartbeatsOf(server).filter((one) => one.wait_ms === 0);
  await server.until(() => quick().length > 0);
  expect(quick()[0]?.leases).toHaveLength(1);
});

test('a lease that ended is named no more', async () => {
  const { server } = await startTestAgent({
    files: { 'a.sh': 'exit 0' },
    prepare: (fake) => {
      fake.heartbeatMs = 10;
    },
  });
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  // The device asks again once its lease has ended; a beat may be on its way then.
  await server.until(() => server.callsOf('takeLease').length === 2);
  const before = heartbeatsOf(server).length;
  await server.until(() => heartbeatsOf(server).length > before + 1);
  expect(heartbeatsOf(server).at(-1)?.leases).toEqual([]);
});

test('an agent whose name was taken over kills its tests and ends', async () => {
  const { server, lines, done } = await startTestAgent({ files });
  server.grant(waiting);
  await server.until(() => server.callsOf('startJob').length === 1);
  server.refuse('heartbeat', 'replaced');
  server.giveNews({});
  expect(await done).toBe(3);
  expect(lines).toContain('another agent named rack-1 has started; this one ends');
  expect(server.verdictOf('job_waits_sh')).toMatchObject({ verdict: 'error', error_class: 'interrupted' });
});

test('a token that is refused again and again ends the agent', async () => {
  const { server, lines, done } = await startTestAgent({
    prepare: (fake) => fake.refuse('heartbeat', 'unauthorized', { times: 5 }),
  });
  expect(await done).toBe(3);
  expect(heartbeatsOf(server)).toHaveLength(5);
  expect(lines.at(-1)).toBe("the server refuses this agent's token: unauthorized");
});

test('a token that is refused now and then does not', async () => {
  const { server, stop } = await startTestAgent({
    prepare: (fake) => {
      fake.heartbeatMs = 10;
      fake.refuse('heartbeat', 'unauthorized', { times: 4 });
    },
  });
  await server.until(() => heartbeatsOf(server).length === 6);
  server.refuse('heartbeat', 'unauthorized', { times: 4 });
  await server.until(() => heartbeatsOf(server).length === 12);
  expect(await stop()).toBe(0);
});

test('a server that forgot the agent gets its registration again', async () => {
  const { server, agent, lines } = await startTestAgent({
    prepare: (fake) => fake.refuse('heartbeat', 'not_found'),
  });
  await server.until(() => server.callsOf('registerAgent').length === 2);
  const boots = server.callsOf('registerAgent').map((call) => (call.body as { boot_id: string }).boot_id);
  expect(boots).toEqual([agent.bootId, agent.bootId]);
  expect(lines).toContain('the server does not know this agent any more; registering again');
  await server.until(() => heartbeatsOf(server).length === 2);
});
