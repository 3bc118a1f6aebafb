import { expect, test } from 'vitest';
import type { Job } from '../../../protocol/shapes/job.ts';
import { anyOrg, everyone, openTestQueue } from '../../../test/support/queue.ts';
import { finishAttempt, startAttempt } from '../attempts/index.ts';
import { readRun } from './read-run.ts';

const mebibyte = 1024 * 1024;
/** A report of the largest size: 3 MiB of failed tests. */
const tests = Array.from({ length: 150 }, (_, n) => ({
  name: `${n}`,
  status: 'failed' as const,
  duration_ms: 1,
  message: 'm'.repeat(20_000),
}));

test('a run with very many tests is read in several answers, each job once and with its tests', async () => {
  const queue = await openTestQueue();
  const { run } = await queue.submit({ tests: ['a', 'b', 'c', 'd', 'e'], max_retries: 0 });
  const agent = await queue.agent('rack', ['emulator']);
  for (let done = 0; done < 5; ) {
    const lease = await agent.mustTake();
    for (const { job_id: jobId } of lease.jobs) {
      const ref = { leaseId: lease.lease_id, jobId, attempt: 1 };
      await startAttempt(queue.deps, everyone, ref);
      await finishAttempt(queue.deps, everyone, ref, {
        attempt: 1,
        duration_ms: 1,
        verdict: 'failed',
        tests,
      });
      done += 1;
    }
  }
  const pages: Job[][] = [];
  for (let more: boolean | undefined = true; more; ) {
    const answer = await readRun(queue.deps, run.run_id, pages.at(-1)?.at(-1)?.rev ?? 0, anyOrg);
    pages.push(answer.jobs);
    more = answer.more;
  }
  expect(pages.map((page) => page.length)).toEqual([2, 2, 1]);
  for (const page of pages) expect(JSON.stringify(page).length).toBeLessThan(9 * mebibyte);
  const jobs = pages.flat();
  expect(new Set(jobs.map((job) => job.job_id)).size).toBe(5);
  for (const job of jobs) expect(job.tests).toHaveLength(tests.length);
});
