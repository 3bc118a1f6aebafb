import { expect, test } from 'vitest';
import { running, scheduled } from '../../../test/support/lifecycle/job-setups.ts';
import { keepingMeter } from '../../../test/support/meter.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import type { Deps } from '../store/deps.ts';
import { readAttempts, readJob } from '../store/read-job.ts';
import { expireLease } from './expire-lease.ts';
import { rescueExpired, rescueOverdue } from './rescue-leases.ts';

const two = { tests: ['a', 'b'], timeout_ms: 10_000 };

const rowsOf = ({ deps }: TestQueue, sql: string) => deps.sql.read(sql);
const stateOf = async (queue: TestQueue) => (await rowsOf(queue, 'SELECT state FROM leases'))[0]?.state;

/** The same queue, in which somebody changes the jobs right before so many writes. */
function disturbed({ deps }: TestQueue, times: number): Deps {
  let left = times;
  const write: Deps['sql']['write'] = async (statements) => {
    left -= 1;
    if (left >= 0) await deps.sql.write([{ sql: 'UPDATE jobs SET rev = rev + 1', args: [] }]);
    return deps.sql.write(statements);
  };
  return { ...deps, sql: { ...deps.sql, write } };
}

test('the running test of an expired lease is lost, the others are queued again, and its agent learns of it', async () => {
  const queue = await openTestQueue();
  const { ref, lease, agent, run } = await running(queue, two);
  await queue.deps.sql.write([{ sql: 'UPDATE devices SET installed_group_id = 1', args: [] }]);
  queue.advance(1000);
  const meter = keepingMeter();
  expect(await expireLease({ ...queue.deps, meter }, { leaseId: ref.leaseId, why: 'it is gone' })).toBe(true);
  const [attempt] = await readAttempts(queue.deps, ref.jobId, anyOrg);
  expect(attempt).toMatchObject({
    ...{ verdict: 'error', error_class: 'lost', error: 'it is gone', duration_ms: 1000 },
  });
  const other = await readJob(queue.deps, lease.jobs[1]?.job_id ?? '', anyOrg);
  expect(other).toMatchObject({ status: 'queued', attempt: 0 });
  expect(await rowsOf(queue, 'SELECT installed_group_id AS installed FROM devices')).toMatchObject([
    { installed: null },
  ]);
  expect(
    await rowsOf(queue, `SELECT at, org_id, run_id, agent_id FROM events WHERE type = 'lease_lost'`),
  ).toMatchObject([{ at: queue.deps.now(), org_id: 'acme', run_id: run.run_id, agent_id: agent.agentId }]);
  expect(meter.told).toEqual([
    'leasesExpired {"why":"restarted"} 1',
    'verdicts {"verdict":"error"} 1',
    'attemptErrors {"class":"lost"} 1',
    'retries {"class":"lost"} 1',
  ]);
});

test('a lease that has ended, or that never was, is not expired, and nothing is counted', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const meter = keepingMeter();
  const deps = { ...queue.deps, meter };
  expect(await expireLease(deps, { leaseId: 'lease-of-nobody', why: 'gone' })).toBe(false);
  await expireLease(queue.deps, { leaseId: ref.leaseId, why: 'gone' });
  expect(await expireLease(deps, { leaseId: ref.leaseId, why: 'gone' })).toBe(false);
  expect(meter.told).toEqual([]);
  expect(await rowsOf(queue, `SELECT at FROM events WHERE type = 'lease_lost'`)).toHaveLength(1);
});

test('a heartbeat in between keeps a lease', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const meter = keepingMeter();
  const ends = queue.deps.now() + 60_000;
  const expiry = { leaseId: ref.leaseId, why: 'gone' };
  expect(await expireLease({ ...queue.deps, meter }, { ...expiry, before: ends })).toBe(false);
  expect([await stateOf(queue), meter.told]).toEqual(['active', []]);
  expect(await expireLease({ ...queue.deps, meter }, { ...expiry, before: ends + 1 })).toBe(true);
  expect(meter.told[0]).toBe('leasesExpired {"why":"silent"} 1');
});

test.each([
  [2, true],
  [3, false],
])('where its jobs change before %i of its writes it is expired: %s', async (times, isExpired) => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const expiry = { leaseId: ref.leaseId, why: 'gone' };
  expect(await expireLease(disturbed(queue, times), expiry)).toBe(isExpired);
  expect(await stateOf(queue)).toBe(isExpired ? 'expired' : 'active');
});

test('where its jobs change while a heartbeat comes it is left alone at once', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  const expiry = { leaseId: ref.leaseId, why: 'gone', before: queue.deps.now() };
  expect(await expireLease(disturbed(queue, 1), expiry)).toBe(false);
});

test('a clock that goes back makes no negative duration', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  queue.advance(-5000);
  await expireLease(queue.deps, { leaseId: ref.leaseId, why: 'gone' });
  expect((await readAttempts(queue.deps, ref.jobId, anyOrg))[0]?.duration_ms).toBe(0);
});

test('a test that hangs ends as a timeout, and one that runs beside it is lost', async () => {
  const queue = await openTestQueue();
  const { ref, lease } = await running(queue, two);
  const next = { ...ref, jobId: lease.jobs[1]?.job_id ?? '' };
  queue.advance(30_000);
  await startAttempt(queue.deps, everyone, next);
  queue.advance(40_001);
  const meter = keepingMeter();
  expect(await rescueOverdue({ ...queue.deps, meter })).toBe(1);
  expect(meter.told[0]).toBe('leasesExpired {"why":"overdue"} 1');
  const endOf = async (jobId: string) => (await readAttempts(queue.deps, jobId, anyOrg))[0];
  expect(await endOf(ref.jobId)).toMatchObject({
    ...{ error_class: 'timeout', error: 'ran past its 10000 ms, and its agent did not end it' },
  });
  expect(await endOf(next.jobId)).toMatchObject({
    ...{ error_class: 'lost', error: 'another test of the lease hung' },
  });
});

test('the time of a test counts from the start of a server that was away', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue, two);
  const startedAt = queue.deps.now();
  queue.advance(75_000);
  const overdueSince = (since: number) =>
    expireLease(queue.deps, { leaseId: ref.leaseId, why: 'hung', overdueSince: since });
  expect(await rescueOverdue(queue.deps, startedAt + 5000)).toBe(0);
  expect(await overdueSince(startedAt + 5000)).toBe(false);
  expect(await overdueSince(startedAt + 4999)).toBe(true);
});

test('a lease whose jobs have not started hangs never', async () => {
  const queue = await openTestQueue();
  const { ref } = await scheduled(queue, two);
  queue.advance(1_000_000);
  expect(await expireLease(queue.deps, { leaseId: ref.leaseId, why: 'hung', overdueSince: 0 })).toBe(false);
});

test('the leases of silent agents are expired one TTL after they were heard, and counted', async () => {
  const queue = await openTestQueue();
  const { ref } = await running(queue);
  queue.advance(60_000);
  expect(await rescueExpired(queue.deps)).toBe(0);
  queue.advance(1);
  expect(await rescueExpired(queue.deps)).toBe(1);
  expect(await stateOf(queue)).toBe('expired');
  expect((await readAttempts(queue.deps, ref.jobId, anyOrg))[0]?.error).toBe(
    'the agent was not heard for one lease TTL',
  );
});
