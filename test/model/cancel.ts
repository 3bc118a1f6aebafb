import { isFinal } from '../../protocol/states.ts';
import { cancelJob, cancelRun } from '../../server/queue/runs/cancel-runs.ts';
import { readRun } from '../../server/queue/runs/read-run.ts';
import { readJob } from '../../server/queue/store/read-job.ts';
import { pick } from './lease-operations.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

export async function cancel(
  model: Model,
  { job, wholeRun }: Extract<Operation, { do: 'cancel' }>,
): Promise<void> {
  const picked = pick(model.jobs, job);
  if (!picked) return;
  const viewer = { orgId: picked.orgId };
  const before = await readJob(model.deps, picked.id, viewer);
  if (!wholeRun) {
    await cancelJob(model.deps, picked.id, viewer);
    if (!isFinal(before.status)) model.cancelled.add(picked.id);
    return;
  }
  const open = (await readRun(model.deps, before.run_id, 0, { orgId: undefined })).jobs.filter(
    (one) => !isFinal(one.status),
  );
  await cancelRun(model.deps, before.run_id, viewer);
  for (const one of open) model.cancelled.add(one.job_id);
}
