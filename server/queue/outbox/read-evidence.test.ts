import { expect, test } from 'vitest';
import { everyone, openTestQueue } from '../../../test/support/queue.ts';
import { addArtifact, finishAttempt, startAttempt } from '../attempts/index.ts';
import { readEvidence, readReportJobs } from './index.ts';

test('what a failed job left is known without the parts that only make a page of the run', async () => {
  const queue = await openTestQueue();
  const { run } = await queue.submit({ retry_failed_tests: 0, max_retries: 0 });
  const lease = await (await queue.agent('rack', ['emulator'])).mustTake();
  const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
  await startAttempt(queue.deps, everyone, ref);
  const quota = { fileBytes: 9, jobBytes: 99, jobFiles: 9 };
  for (const [index, name] of ['qgjob-blob/1.jsonl', 'test-results/trace.zip'].entries())
    await addArtifact(
      queue.deps,
      ref,
      { id: `art_${index}`, name, size: 1, sha256: String(index).repeat(64) },
      quota,
    );
  await finishAttempt(queue.deps, everyone, ref, { attempt: 1, verdict: 'failed', duration_ms: 5 });
  const jobs = await readReportJobs(queue.deps, run.run_id);
  const { files } = await readEvidence(queue.deps, jobs);
  expect([...files].map(([id, all]) => [id, all.map(({ name }) => name)])).toEqual([
    [ref.jobId, ['test-results/trace.zip']],
  ]);
});
