import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { TakeLease } from '../../protocol/shapes/agent.ts';
import type { FakeServer } from '../test-support/fake-server.ts';
import { untilTrue } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { startTestAgent } from '../test-support/start-agent.ts';

const files = { 'a.sh': 'exit 0', 'b.sh': 'exit 0' };
const takes = (server: FakeServer) => server.callsOf('takeLease').map((call) => call.body as TakeLease);
const released = (server: FakeServer) => server.callsOf('releaseLease').map((call) => call.params.id);

test('a device asks for work under an id of its own making, and again after each lease', async () => {
  const { server, agent } = await startTestAgent({ files });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => takes(server).length === 2);
  const [first, second] = takes(server);
  expect(first).toMatchObject({
    lease_id: expect.stringMatching(/^lse_/),
    boot_id: agent.bootId,
    device_id: 'dev_simulated-emulator-1',
    installed: null,
  });
  expect(second?.lease_id).not.toBe(first?.lease_id);
});

test('a lease whose answer was lost is asked for again under its id, and is the same', async () => {
  const { server } = await startTestAgent({ files, prepare: (fake) => fake.loseAnswer('takeLease') });
  server.grant(leaseOf(['a.sh']));
  expect(await server.verdict('job_a_sh')).toMatchObject({ verdict: 'passed' });
  expect(takes(server)[1]?.lease_id).toBe(takes(server)[0]?.lease_id);
  expect(server.granted.size).toBe(1);
});

test('a lease that ended before its answer came is let go, and another id is taken', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('takeLease', 'lease_lost'),
  });
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  expect(takes(server)[1]?.lease_id).not.toBe(takes(server)[0]?.lease_id);
});

test('a lease of an earlier time that blocks the device is given back', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => {
      fake.hasGranted('lse_from-before', leaseOf(['b.sh']));
      fake.refuse('takeLease', 'conflict', { details: { lease_id: 'lse_from-before' } });
    },
  });
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  expect(released(server)).toContain('lse_from-before');
});

test('a lease that the server may grant after the agent hung up is given back', async () => {
  const { server, stop } = await startTestAgent();
  await server.until(() => takes(server).length === 1);
  const asked = takes(server)[0]?.lease_id ?? '';
  const ended = stop();
  server.hasGranted(asked, leaseOf(['a.sh']));
  expect(await ended).toBe(0);
  expect(takes(server)[1]).toMatchObject({ lease_id: asked, wait_ms: 0 });
  expect(released(server)).toEqual([asked]);
});

test('a lease whose answer was lost is given back also when the agent ends before it can ask again', async () => {
  const { server, stop, lines } = await startTestAgent({
    timing: { backOffMs: 3_600_000, maxBackOffMs: 3_600_000 },
    prepare: (fake) => fake.loseAnswer('takeLease'),
  });
  server.grant(leaseOf(['a.sh']));
  await untilTrue(() => lines.some((line) => line.startsWith('the connection to')));
  expect(await stop()).toBe(0);
  expect(released(server)).toEqual([takes(server)[0]?.lease_id]);
});

test('a server that does not hold a take is not asked in a loop', async () => {
  const { server } = await startTestAgent({
    timing: { longPollMs: 0, earlyPauseMs: 3_600_000 },
  });
  await server.until(() => server.callsOf('heartbeat').length >= 3);
  expect(takes(server)).toHaveLength(1);
});

test('while the server asks for a drain nothing is taken, and after it work goes on', async () => {
  const { server } = await startTestAgent({ files });
  await server.until(() => takes(server).length === 1);
  server.giveNews({ drain: true });
  // Only the lease that it might have got is asked for.
  await server.until(() => takes(server).length === 2);
  server.giveNews({ drain: false });
  await server.until(() => takes(server).length === 3);
  server.grant(leaseOf(['a.sh']));
  await server.verdict('job_a_sh');
  const [first, again, next] = takes(server);
  expect(again).toMatchObject({ lease_id: first?.lease_id, wait_ms: 0 });
  expect(next?.lease_id).not.toBe(first?.lease_id);
});

test('an agent that cannot work on a lease gives it back, says why, and goes on', async () => {
  const { server, root, lines } = await startTestAgent({
    files,
    // A file in the place of the agent's folder.
    prepare: (_server, folder) => writeFileSync(join(folder, '.qgjob'), ''),
  });
  server.grant(leaseOf(['a.sh']));
  await server.until(() => released(server).length === 1);
  expect(released(server)).toEqual([...server.granted.keys()]);
  rmSync(join(root, '.qgjob'));
  server.grant(leaseOf(['b.sh']));
  await server.verdict('job_b_sh');
  expect(lines.join('\n')).toMatch(/ENOTDIR.*trying again/);
});

test('with --once an agent ends after one lease, with all of its jobs', async () => {
  const { server, done } = await startTestAgent({ files, count: 2, once: true });
  await server.until(() => takes(server).length === 2);
  server.grant(leaseOf(['a.sh', 'b.sh']));
  expect(await done).toBe(0);
  expect(server.callsOf('finishJob')).toHaveLength(2);
  expect(server.granted.size).toBe(1);
  // The other device broke off its poll, and asked for the lease that it might have got, to give it back.
  expect(takes(server)).toMatchObject([{}, {}, { wait_ms: 0 }]);
  expect(released(server)).toEqual([]);
});
