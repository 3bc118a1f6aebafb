import { expect, test } from 'vitest';
import { leaseOf } from '../test-support/leases.ts';
import { hastyLadder, startTestAgent } from '../test-support/start-agent.ts';

const loop = 'echo ready; while :; do sleep 0.02; done';
const files = {
  'loops.sh': `trap "echo bye; exit 1" TERM; ${loop}`,
  'stubborn.sh': `trap "" TERM; ${loop}`,
  'next.sh': 'exit 0',
};
const lease = leaseOf(['loops.sh', 'next.sh']);

test('a cancelled test is ended by its own signal, reported as cancelled, and the next one runs', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(lease);
  await server.until(() => server.logOf('job_loops_sh').includes('ready'));
  server.giveNews({ cancel: 'job_loops_sh' });
  expect(await server.verdict('job_loops_sh')).toEqual({
    attempt: 1,
    verdict: 'cancelled',
    duration_ms: expect.any(Number),
  });
  expect(server.logOf('job_loops_sh')).toMatch(/bye\n\[qgjob\] cancelled/);
  expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'passed' });
});

test('a cancelled test that ignores every signal is killed', async () => {
  const { server } = await startTestAgent({ files, timing: { ladder: hastyLadder } });
  server.grant(leaseOf(['stubborn.sh']));
  await server.until(() => server.logOf('job_stubborn_sh').includes('ready'));
  server.giveNews({ cancel: 'job_stubborn_sh' });
  expect(await server.verdict('job_stubborn_sh')).toMatchObject({ verdict: 'cancelled' });
});

test('a job that was cancelled before its start is skipped, alone', async () => {
  const { server, lines } = await startTestAgent({
    files,
    prepare: (fake) => fake.refuse('startJob', 'job_cancelled'),
  });
  server.grant(lease);
  await server.verdict('job_next_sh');
  expect(server.verdictOf('job_loops_sh')).toBeUndefined();
  expect(lines).toContain('loops.sh  cancelled before its start');
});

test('a cancel that overtakes the answer of the start runs nothing', async () => {
  const { server } = await startTestAgent({ files });
  const release = server.hold('startJob');
  server.grant(leaseOf(['next.sh']));
  await server.until(() => server.callsOf('startJob').length === 1);
  const beats = server.callsOf('heartbeat').length;
  server.giveNews({ cancel: 'job_next_sh' });
  // The next heartbeat is sent after the answer to the last one was applied.
  await server.until(() => server.callsOf('heartbeat').length > beats);
  release();
  expect(await server.verdict('job_next_sh')).toMatchObject({ verdict: 'cancelled' });
});

test('the cancel of a job that ended already changes nothing', async () => {
  const { server } = await startTestAgent({ files });
  server.grant(leaseOf(['next.sh', 'loops.sh']));
  await server.until(() => server.logOf('job_loops_sh').includes('ready'));
  server.giveNews({ cancel: 'job_next_sh' });
  server.giveNews({ cancel: 'job_loops_sh' });
  await server.verdict('job_loops_sh');
  expect(server.verdictOf('job_next_sh')).toMatchObject({ verdict: 'passed' });
  expect(server.callsOf('finishJob')).toHaveLength(2);
});

test('a test that runs too long is stopped and reported as a timeout', async () => {
  const { server } = await startTestAgent({ files });
  const [job] = leaseOf(['loops.sh']).jobs;
  server.grant({ ...lease, jobs: job ? [{ ...job, timeout_ms: 100 }] : [] });
  expect(await server.verdict('job_loops_sh')).toMatchObject({
    verdict: 'error',
    error_class: 'timeout',
    error: 'ran longer than 100 ms',
  });
});
