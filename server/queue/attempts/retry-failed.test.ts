import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import { anyOrg, everyone, openTestQueue } from '../../../test/support/queue.ts';
import { rescueExpired } from '../leases/rescue-leases.ts';
import { readRun } from '../runs/read-run.ts';
import { readAttempts, readJob } from '../store/read-job.ts';
import { finishAttempt } from './finish-attempt.ts';
import { finishJobs } from './finish-jobs.ts';
import { startAttempt } from './start-attempt.ts';

/** `a failed` is a test with the id and the name `a`. */
const cases = (...words: string[]): TestCase[] =>
  words.map((word) => {
    const [id = '', status] = word.split(' ');
    return { id, name: id, file: 'a.spec.ts', status: status as TestCase['status'], duration_ms: 1 };
  });
const whole = cases('a passed', 'b failed', 'c passed', 'd failed', 'e passed');
const failed: Partial<FinishJob> = { verdict: 'failed', tests: whole, only: ['b', 'd'] };
const green: Partial<FinishJob> = { tests: cases('b passed', 'd passed'), retried_tests: 2 };

/** A job of one file, and a device that takes it again and again. */
async function openJob(body: object = {}) {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { run, jobs } = await queue.submit({ retry_failed_tests: 3, ...body });
  const jobId = jobs[0]?.job_id ?? '';
  const take = async () => {
    // Longer than a backoff.
    queue.advance(1_000_000);
    await queue.deps.sql.write([
      {
        sql: `UPDATE jobs SET status = 'queued', run_at = NULL, wait_reason = NULL WHERE status = 'waiting'`,
      },
    ]);
    const lease = await agent.mustTake();
    const job = lease.jobs[0];
    const ref = { leaseId: lease.lease_id, jobId, attempt: job?.next_attempt ?? 1 };
    await startAttempt(queue.deps, everyone, ref);
    const finish = (report: Partial<FinishJob>) =>
      finishAttempt(queue.deps, everyone, ref, {
        attempt: ref.attempt,
        duration_ms: 1,
        verdict: 'passed',
        ...report,
      });
    return { only: job?.only, lease, ref, finish };
  };
  const read = () => readJob(queue.deps, jobId, anyOrg);
  return { queue, agent, run, jobId, take, read };
}

const shown = (tests: readonly TestCase[] | null) => tests?.map(({ id, status }) => `${id} ${status}`);

test('a retry gets the tests that failed, and its pass is a flaky pass of the whole file', async () => {
  const { queue, agent, run, jobId, take, read } = await openJob();
  const first = await take();
  expect(first.only).toBeUndefined();
  expect(await first.finish(failed)).toMatchObject({ status: 'queued', retried_tests: null });
  const second = await take();
  expect(second.only).toEqual(['b', 'd']);
  // A repeated request for the lease gets the same.
  expect((await agent.take(0, second.lease.lease_id))?.jobs[0]?.only).toEqual(['b', 'd']);
  const done = await second.finish(green);
  expect(done).toMatchObject({ status: 'passed', outcome: 'flaky', attempt: 2, retried_tests: 2 });
  expect(shown(done.tests)).toEqual(['a passed', 'b flaky', 'c passed', 'd flaky', 'e passed']);
  expect(done.report).toEqual({ total: 5, passed: 5, failed: 0, skipped: 0, flaky: 2, listed: 5 });
  expect(await second.finish(green)).toEqual(done);
  expect(await read()).toEqual(done);
  expect((await readRun(queue.deps, run.run_id, 0, anyOrg)).jobs).toEqual([done]);
  const attempts = await readAttempts(queue.deps, jobId, anyOrg);
  expect(attempts.map(({ tests, retried_tests }) => [shown(tests), retried_tests])).toEqual([
    [shown(whole), null],
    [['b passed', 'd passed'], 2],
  ]);
  expect(attempts[1]?.report).toEqual({ total: 2, passed: 2, failed: 0, skipped: 0, flaky: 0, listed: 2 });
});

test('the verdicts of a whole lease in one call say the same', async () => {
  const { queue, jobId, take, read } = await openJob();
  await (await take()).finish(failed);
  const { lease, ref } = await take();
  const { attempt } = ref;
  const verdict = { job_id: jobId, attempt, duration_ms: 1, verdict: 'passed', ...green } as const;
  const answer = await finishJobs(queue.deps, everyone, lease.lease_id, { jobs: [verdict] });
  expect(answer.jobs).toEqual([{ job_id: jobId, status: 'passed', error: null }]);
  expect(await read()).toMatchObject({ outcome: 'flaky', retried_tests: 2, report: { total: 5, flaky: 2 } });
});

test('a retry that fails says what is left, and what has passed once counts', async () => {
  const { take, read } = await openJob();
  await (await take()).finish(failed);
  const second = await take();
  const answer = await second.finish({
    verdict: 'failed',
    tests: cases('b passed', 'd failed'),
    only: ['d'],
    retried_tests: 2,
  });
  expect(shown(answer.tests)).toEqual(['a passed', 'b flaky', 'c passed', 'd failed', 'e passed']);
  const third = await take();
  expect(third.only).toEqual(['d']);
  const done = await third.finish({ tests: cases('d passed'), retried_tests: 1 });
  expect(done).toMatchObject({
    status: 'passed',
    retried_tests: 1,
    report: { total: 5, passed: 5, flaky: 2 },
  });
  expect(await read()).toEqual(done);
});

test('attempts without a verdict change nothing about what is to run, nor about what is known', async () => {
  const { queue, take, read } = await openJob();
  await (await take()).finish(failed);
  const known = (await read()).tests;
  for (const error_class of ['infra_error', 'interrupted', 'timeout', 'report_error'] as const) {
    const next = await take();
    expect(next.only).toEqual(['b', 'd']);
    const answer = await next.finish({ verdict: 'error', error_class, retried_tests: 2, only: ['x'] });
    expect(answer).toMatchObject({ status: expect.stringMatching(/queued|waiting/), tests: known });
    expect(await read()).toEqual(answer);
  }
  const lost = await take();
  expect((await read()).tests).toEqual(known);
  queue.advance(61_000);
  await rescueExpired(queue.deps);
  await expect(lost.finish(green)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await read()).toMatchObject({ status: 'waiting', tests: known, retried_tests: null });
  const last = await take();
  expect(last.only).toEqual(['b', 'd']);
  expect(await last.finish(green)).toMatchObject({ outcome: 'flaky', report: { total: 5, flaky: 2 } });
});

test('a failure that names no tests lets the whole file run, also after one that did', async () => {
  const { take } = await openJob();
  await (await take()).finish(failed);
  await (await take()).finish({ verdict: 'failed', tests: whole });
  const third = await take();
  expect(third.only).toBeUndefined();
  await third.finish({ verdict: 'failed', tests: whole, only: [] });
  expect((await take()).only).toBeUndefined();
});

test('a pass of the whole file after a failure marks what had failed as flaky', async () => {
  const { jobId, queue, take } = await openJob();
  await (await take()).finish({ verdict: 'failed', tests: whole });
  const done = await (await take()).finish({ tests: cases('b passed', 'd skipped', 'a passed') });
  expect(shown(done.tests)).toEqual(['b flaky', 'd skipped', 'a passed']);
  expect(done).toMatchObject({
    outcome: 'flaky',
    retried_tests: null,
    report: { total: 3, passed: 2, skipped: 1, flaky: 1, listed: 3 },
  });
  const [, own] = await readAttempts(queue.deps, jobId, anyOrg);
  expect(own?.report).toMatchObject({ passed: 2, flaky: 0 });
});

test.each<[string, Partial<FinishJob> | undefined, Partial<FinishJob>, string]>([
  [
    'of fewer tests than had failed',
    failed,
    { tests: cases('b passed'), retried_tests: 1 },
    'it ran a selection of 1 test, and 1 test that failed before did not run again, "d"',
  ],
  [
    'of other tests than those that had failed',
    failed,
    { tests: cases('a passed', 'c passed'), retried_tests: 2 },
    'it ran a selection of 2 tests, and 2 tests that failed before did not run again, the first of them "b"',
  ],
  [
    'in which a test that had failed was skipped',
    failed,
    { tests: cases('b passed', 'd skipped'), retried_tests: 2 },
    'it ran a selection of 2 tests, and 1 test that failed before did not run again, "d"',
  ],
  [
    'of what was asked for, where that was less than had failed',
    { ...failed, only: ['b'] },
    { tests: cases('b passed'), retried_tests: 1 },
    'it ran a selection of 1 test, and 1 test that failed before did not run again, "d"',
  ],
  [
    'of fewer tests than were counted as failed',
    { ...failed, report: { total: 9, passed: 3, failed: 6, skipped: 0, flaky: 0, listed: 5 } },
    green,
    'it ran a selection of 2 tests, and 4 tests that failed before did not run again',
  ],
  [
    'of none',
    failed,
    { ...green, retried_tests: 0 },
    'no test ran again: the selection of this attempt was empty',
  ],
  [
    'that nothing had asked for',
    { verdict: 'failed', tests: whole },
    green,
    'it ran a selection of 2 tests, but no failed attempt before it said which tests to run again',
  ],
  [
    'in a first attempt',
    undefined,
    green,
    'it ran a selection of 2 tests, but no failed attempt before it said which tests to run again',
  ],
  [
    'after a failure without a report',
    { verdict: 'failed', only: ['b'] },
    green,
    'the failed attempt before it has no report that this selection could complete',
  ],
  ['without a report', failed, { retried_tests: 2 }, 'no report of the tests that ran again'],
])('a pass of a selection %s is a report_error', async (_what, before, report, error) => {
  const { take, read } = await openJob();
  if (before) await (await take()).finish(before);
  const next = await take();
  const answer = await next.finish(report);
  expect(answer).toMatchObject({ status: 'queued', error });
  expect(await next.finish(report)).toMatchObject({ status: 'queued', error });
  expect(await read()).toEqual(answer);
  await expect(next.finish({ verdict: 'failed', tests: whole })).rejects.toMatchObject({ code: 'conflict' });
  // What was known before stays, and the next attempt is asked for the same.
  if (before?.only) expect((await take()).only).toEqual(before.only);
});

test('what a selection of its own idea says to run next does not count', async () => {
  const { take } = await openJob();
  await (await take()).finish({ verdict: 'failed', tests: cases('a failed'), only: ['a'], retried_tests: 1 });
  const second = await take();
  expect(second.only).toBeUndefined();
  expect(await second.finish({ tests: cases('a passed'), retried_tests: 1 })).toMatchObject({
    status: 'queued',
    failures: 1,
  });
});

test('the time of a selection is not the time of the file', async () => {
  const { queue, take } = await openJob();
  await (await take()).finish({ ...failed, duration_ms: 60_000 });
  const learned = () =>
    queue.deps.sql.read('SELECT p80_ms, (SELECT mean_test_ms FROM orgs) AS mean FROM durations');
  const before = await learned();
  expect(before[0]).toMatchObject({ p80_ms: 60_000, mean: 60_000 });
  await (await take()).finish({ ...green, duration_ms: 10 });
  expect(await learned()).toEqual(before);
});

test('more names than fit into one lease let the whole file run', async () => {
  const { take, queue } = await openJob({ tests: ['a.spec.ts', 'b.spec.ts', 'c.spec.ts'] });
  const only = Array.from({ length: 10_000 }, (_, n) => `${n}`.padEnd(200, 'x'));
  await queue.deps.sql.write([
    {
      sql: `INSERT INTO attempts (job_id, attempt, org_id, lease_id, agent_id, device_id, started_at, finished_at, verdict, only)
            SELECT id, 1, org_id, 'l', 'a', 'd', 1, 1, 'failed', ? FROM jobs`,
      args: [JSON.stringify(only)],
    },
    { sql: 'UPDATE jobs SET attempt = 1, test_failures = 1' },
  ]);
  const { lease } = await take();
  expect(lease.jobs.map((job) => job.only?.length)).toEqual([10_000, 10_000, undefined]);
});
