import { expect, test } from 'vitest';
import { anyOrg, everyone, openTestQueue } from '../../../test/support/queue.ts';
import { readRun } from '../runs/read-run.ts';
import { finishAttempt } from './finish-attempt.ts';
import { startAttempt } from './start-attempt.ts';

test('starts of web servers that come with a verdict are counted for its run, once', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { run } = await queue.submit({});
  const lease = await agent.mustTake();
  const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
  await startAttempt(queue.deps, everyone, ref);
  const finish = () =>
    finishAttempt(queue.deps, everyone, ref, { attempt: 1, verdict: 'passed', duration_ms: 1, serves: 2 });
  await finish();
  // The answer was lost, and the agent sends it again.
  await finish();
  expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject({ serves: 2, installs: 0 });
});
