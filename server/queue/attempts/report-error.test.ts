import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { readRun } from '../runs/read-run.ts';
import { readAttempts, readJob } from '../store/read-job.ts';
import { finishAttempt } from './finish-attempt.ts';
import { startAttempt } from './start-attempt.ts';

const nothingRan: Partial<FinishJob> = { verdict: 'passed', tests: [] };
const one = (status: 'passed' | 'failed' | 'flaky') => ({ name: 't', status, duration_ms: 1 });
const passed: Partial<FinishJob> = { verdict: 'passed', tests: [one('passed')] };

/** The next attempt of the job that a device gets. */
async function take(queue: TestQueue, agent: Awaited<ReturnType<TestQueue['agent']>>) {
  const lease = await agent.mustTake();
  const [job] = lease.jobs;
  const ref = { leaseId: lease.lease_id, jobId: job?.job_id ?? '', attempt: job?.next_attempt ?? 1 };
  await startAttempt(queue.deps, everyone, ref);
  const finish = (report: Partial<FinishJob>) =>
    finishAttempt(queue.deps, everyone, ref, {
      attempt: ref.attempt,
      duration_ms: 1,
      verdict: 'passed',
      ...report,
    });
  return { ref, finish };
}

async function openLife(body: object = {}) {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { run } = await queue.submit(body);
  return { queue, run, next: () => take(queue, agent) };
}

test('a report_error is tried again at once and by the same device, and the second one ends the job', async () => {
  const { queue, run, next } = await openLife();
  const first = await (await next()).finish(nothingRan);
  expect(first).toMatchObject({ status: 'queued', failures: 1, run_at: null, error: 'no test ran' });
  // The only device takes it again at once.
  const second = await (await next()).finish({
    verdict: 'error',
    error_class: 'report_error',
    error: 'cut off',
  });
  expect(second).toMatchObject({ status: 'errored', outcome: 'report_error', failures: 2, error: 'cut off' });
  expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject({
    status: 'errored',
    reason: 'report',
  });
  const [device] = await queue.deps.sql.read('SELECT strikes, benched_until FROM devices');
  expect({ ...device }).toEqual({ strikes: 0, benched_until: null });
});

test.each([
  [{ max_retries: 0 }, ['errored']],
  [{ max_retries: 1 }, ['queued', 'errored']],
  [{ max_retries: 9 }, ['queued', 'errored']],
])('with %j its report errors come to %j', async (body, expected) => {
  const { next } = await openLife(body);
  for (const status of expected) expect((await (await next()).finish(nothingRan)).status).toBe(status);
});

test('a report_error after other trouble has what that left of the budget', async () => {
  const { queue, next } = await openLife({ max_retries: 1 });
  const infra = { verdict: 'error', error_class: 'infra_error' } as const;
  expect((await (await next()).finish(infra)).status).toBe('waiting');
  await queue.deps.sql.write([
    { sql: `UPDATE jobs SET status = 'queued', run_at = NULL, wait_reason = NULL, avoid_device = NULL` },
  ]);
  expect(await (await next()).finish(nothingRan)).toMatchObject({
    status: 'errored',
    outcome: 'report_error',
  });
});

test('a report_error that passes the second time is a pass and no flaky one', async () => {
  const { next } = await openLife();
  await (await next()).finish(nothingRan);
  expect(await (await next()).finish(passed)).toMatchObject({
    status: 'passed',
    outcome: 'passed',
    failures: 1,
  });
});

test('the same finish again is answered and counts once, also at the same moment', async () => {
  const { queue, next } = await openLife();
  const { ref, finish } = await next();
  const answers = await Promise.all([finish(nothingRan), finish(nothingRan), finish(nothingRan)]);
  expect(new Set(answers.map(({ failures, status }) => `${status} ${failures}`))).toEqual(
    new Set(['queued 1']),
  );
  expect(await finish(nothingRan)).toMatchObject({ status: 'queued', failures: 1 });
  await expect(finish(passed)).rejects.toMatchObject({ code: 'conflict' });
  const [row] = await queue.deps.sql.read('SELECT report_errors FROM jobs WHERE id = ?', [ref.jobId]);
  expect(row?.report_errors).toBe(1);
});

test('of two verdicts at once one counts, whichever it is', async () => {
  const { queue, next } = await openLife();
  const { ref, finish } = await next();
  const ended = await Promise.allSettled([finish(nothingRan), finish(passed)]);
  expect(ended.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(await readAttempts(queue.deps, ref.jobId, anyOrg)).toHaveLength(1);
});

test('a pass whose report has a flaky test is flaky, in the job, the run and under fail_on_flaky', async () => {
  for (const [report, failOnFlaky] of [
    [{ tests: [one('flaky')] }, false],
    [
      { tests: [one('passed')], report: { total: 2, passed: 2, failed: 0, skipped: 0, flaky: 1, listed: 1 } },
      true,
    ],
  ] as const) {
    const { queue, run, next } = await openLife({ fail_on_flaky: failOnFlaky });
    const done = await (await next()).finish({ verdict: 'passed', ...report, tests: [...report.tests] });
    expect(done).toMatchObject({ status: 'passed', outcome: 'flaky', test_failures: 0 });
    expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject({
      ...(failOnFlaky ? { status: 'failed', reason: 'flaky' } : { status: 'passed', reason: null }),
      counts: { passed: 1, flaky: 1 },
    });
  }
});

test('the totals of a report are kept with the attempt and shown with the job', async () => {
  const { queue, run, next } = await openLife({ retry_failed_tests: 1 });
  const failed = { total: 9001, passed: 9000, failed: 1, skipped: 0, flaky: 0, listed: 1 };
  await (await next()).finish({ verdict: 'failed', tests: [one('failed')], report: failed });
  await queue.deps.sql.write([{ sql: 'UPDATE jobs SET avoid_device = NULL' }]);
  const { ref, finish } = await next();
  const derived = { total: 1, passed: 1, failed: 0, skipped: 0, flaky: 0, listed: 1 };
  // What failed in the first attempt is flaky in the job.
  const merged = { ...derived, flaky: 1 };
  expect((await finish(passed)).report).toEqual(merged);
  expect((await finish(passed)).report).toEqual(merged);
  expect((await readJob(queue.deps, ref.jobId, anyOrg)).report).toEqual(merged);
  expect((await readRun(queue.deps, run.run_id, 0, anyOrg)).jobs[0]?.report).toEqual(merged);
  const attempts = await readAttempts(queue.deps, ref.jobId, anyOrg);
  expect(attempts.map(({ report }) => report)).toEqual([failed, derived]);
});
