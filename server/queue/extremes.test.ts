import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { FinishJob } from '../../protocol/shapes/agent.ts';
import { anyOrg, everyone, openTestQueue } from '../../test/support/queue.ts';
import { finishAttempt } from './attempts/finish-attempt.ts';
import { cancelRun } from './runs/cancel-runs.ts';
import { retryRun } from './runs/retry-runs.ts';

// A libSQL server takes and gives values of up to 5 MB, and answers of up to 10 MB.

const longPaths = Array.from({ length: limits.testsPerRun }, (_, n) => `${n}/${'p'.repeat(390)}.spec.ts`);

test('the largest run is stored, answered again, cancelled and retried', async () => {
  const { deps, submit } = await openTestQueue();
  const first = await submit({ tests: longPaths }, 'key');
  const again = await submit({ tests: longPaths }, 'key');
  expect(again).toMatchObject({ replayed: true, run: { run_id: first.run.run_id } });
  expect(again.jobs.map((job) => job.test_path)).toEqual(longPaths);
  await cancelRun(deps, first.run.run_id, anyOrg);
  const retry = await retryRun(deps, { id: first.run.run_id, idempotencyKey: 'again' }, anyOrg);
  expect(retry.jobs.map((job) => job.test_path)).toEqual(longPaths);
});

test('the largest reports of two attempts are stored, the failures first', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ retry_failed_tests: 1 });
  const tests = Array.from({ length: limits.testsPerReport }, (_, n) => ({
    ...{
      id: `t${n}`,
      name: `${n} "${'n'.repeat(300)}"`,
      file: 'a.spec.ts',
      duration_ms: 1,
      message: 'm'.repeat(300),
    },
    status: n === 4999 ? ('failed' as const) : ('passed' as const),
  }));
  const counts = { total: 5000, passed: 4999, failed: 1, skipped: 0, flaky: 0, listed: 5000 };
  for (const attempt of [1, 2]) {
    const { lease_id: leaseId, jobs } = await agent.mustTake();
    const jobId = jobs[0]?.job_id ?? '';
    const body = { attempt, duration_ms: 1, verdict: 'failed', tests, report: counts };
    const job = await finishAttempt(queue.deps, everyone, { leaseId, jobId, attempt }, FinishJob.parse(body));
    expect(job).toMatchObject({ attempt, report: { total: 5000, failed: 1 } });
    expect(job.tests?.filter((one) => one.status === 'failed')).toHaveLength(1);
  }
});

test('reports full of what has to be escaped are stored, with all ids that a next attempt has to run or with none', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ retry_failed_tests: 1 });
  const tests = Array.from({ length: limits.testsPerReport }, (_, n) => ({
    ...{ id: `t${n}`, name: `${n} ${'"\\'.repeat(80)}`, file: 'a.spec.ts', duration_ms: 1 },
    status: n < 100 ? ('failed' as const) : ('passed' as const),
  }));
  const counts = { total: 5000, passed: 4900, failed: 100, skipped: 0, flaky: 0, listed: 5000 };
  const only = Array.from({ length: limits.testIdsPerRetry }, (_, n) => `${n}${'"\\'.repeat(95)}`);
  for (const attempt of [1, 2]) {
    const { lease_id: leaseId, jobs } = await agent.mustTake();
    const jobId = jobs[0]?.job_id ?? '';
    const body = { attempt, duration_ms: 1, verdict: 'failed', tests, report: counts, only };
    const job = await finishAttempt(queue.deps, everyone, { leaseId, jobId, attempt }, FinishJob.parse(body));
    expect(job).toMatchObject({ attempt, report: { failed: 100 } });
    const rows = await queue.deps.sql.read('SELECT only FROM attempts WHERE attempt = ?', [attempt]);
    expect(rows[0]?.only).toBe(queue.deps.sql.isRemote ? null : JSON.stringify(only));
  }
});
