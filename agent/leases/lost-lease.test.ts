import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FakeServer } from '../test-support/fake-server.ts';
import { untilFile, untilTrue } from '../test-support/host.ts';
import { leaseOf } from '../test-support/leases.ts';
import { hastyLadder, startTestAgent } from '../test-support/start-agent.ts';

const loop = 'echo ready; while :; do sleep 0.02; done';
const files = { 'loops.sh': loop, 'stubborn.sh': `trap "" TERM; ${loop}`, 'next.sh': 'exit 0' };
const leaseId = (server: FakeServer): string => [...server.granted.keys()].at(-1) ?? '';

test.each(['loops.sh', 'stubborn.sh'])('a lost lease kills %s and drops what it came to', async (file) => {
  const { server, lines } = await startTestAgent({ files, timing: { ladder: hastyLadder } });
  const jobId = `job_${file.replace('.', '_')}`;
  server.grant(leaseOf([file, 'next.sh']));
  await server.until(() => server.logOf(jobId).includes('ready'));
  server.giveNews({ lost: leaseId(server) });
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.story).toEqual(['startJob']);
  expect(lines).toContain(`simulated-emulator-1  ${file}  dropped: the server took the lease back`);
});

test('what its test printed until then is still sent, as evidence', async () => {
  const { server, root } = await startTestAgent({
    files: { 'says.sh': 'echo words; touch said; while :; do sleep 0.02; done' },
    // Nothing is sent before the end.
    timing: { logFlushMs: 3_600_000 },
  });
  server.grant(leaseOf(['says.sh']));
  await untilFile(join(root, 'said'));
  server.giveNews({ lost: leaseId(server) });
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.logOf('job_says_sh')).toMatch(/words\n\[qgjob\] error \(interrupted\)/);
});

test('a lease that is lost when a job is started drops all of its jobs', async () => {
  const { server } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('startJob', 'lease_lost'),
  });
  server.grant(leaseOf(['next.sh', 'loops.sh']));
  await server.until(() => server.callsOf('takeLease').length === 2);
  expect(server.callsOf('startJob')).toHaveLength(1);
  expect(server.callsOf('finishJob')).toEqual([]);
});

test('an agent that the server has not renewed starts nothing until it is renewed', async () => {
  let now = 0;
  const { server, agent } = await startTestAgent({
    files,
    now: () => now,
    prepare: (fake) => {
      fake.heartbeatMs = 10;
    },
  });
  const renew = server.hold('heartbeat');
  const answer = server.hold('finishJob');
  server.grant(leaseOf(['next.sh', 'loops.sh']));
  await server.until(() => server.callsOf('finishJob').length === 1);
  now += (server.ttlMs * 5) / 6;
  answer();
  // The verdict of the test that ran is taken all the same.
  await untilTrue(() => agent.book.get(leaseId(server))?.open.size === 1);
  const heartbeats = server.callsOf('heartbeat').length;
  renew();
  await server.until(() => server.callsOf('startJob').length === 2);
  const names = server.calls.map((call) => call.name);
  const before = names.slice(0, names.lastIndexOf('startJob')).filter((name) => name === 'heartbeat');
  expect(before.length).toBeGreaterThan(heartbeats);
});

test('a test whose start was answered too late begins only if its lease is renewed', async () => {
  let now = 0;
  const { server, agent, lines } = await startTestAgent({ files, now: () => now });
  const renew = server.hold('heartbeat');
  const answer = server.hold('startJob');
  server.grant(leaseOf(['next.sh']));
  await server.until(() => server.callsOf('startJob').length === 1);
  now += (server.ttlMs * 5) / 6;
  server.giveNews({ lost: leaseId(server) });
  answer();
  renew();
  await untilTrue(() => agent.book.ids().length === 0);
  expect(lines.filter((line) => line.includes('next.sh'))).toEqual([]);
  expect(server.callsOf('appendLogs')).toEqual([]);
});
