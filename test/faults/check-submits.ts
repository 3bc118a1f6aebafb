import { isFinal } from '../../protocol/states.ts';
import type { Submit } from './clients.ts';
import type { Evidence } from './evidence.ts';

/** One key, one run; what was acknowledged is there, and is final. */
export function checkSubmits({ submits, runs, jobs }: Evidence): string[] {
  const statuses = new Map(jobs.map((job) => [job.job_id, job.status]));
  const runStatuses = new Map(runs.map((run) => [run.run_id, run.status]));
  return submits.flatMap((submit) => [
    ...checkKey(
      submit,
      runs.filter((run) => run.metadata.key === submit.key).map((run) => run.run_id),
    ),
    ...[...new Set(submit.acks.flatMap((ack) => ack.jobIds))].flatMap((id) => {
      const status = statuses.get(id);
      if (status === undefined) return [`job ${id} was acknowledged and is gone`];
      return isFinal(status) ? [] : [`job ${id} was acknowledged and is still ${status}`];
    }),
    ...checkWait(submit, runStatuses, statuses),
  ]);
}

function checkKey({ key, tests, acks }: Submit, runIds: readonly string[]): string[] {
  const wrong: string[] = [];
  if (runIds.length > 1) wrong.push(`key ${key} made ${runIds.length} runs: ${runIds.join(' ')}`);
  if (new Set(acks.map((ack) => JSON.stringify(ack))).size > 1) wrong.push(`key ${key} had two answers`);
  for (const { runId, jobIds } of acks) {
    if (!runIds.includes(runId)) wrong.push(`run ${runId} was acknowledged and is gone`);
    if (new Set(jobIds).size !== tests.length) wrong.push(`run ${runId} has not one job for each test`);
  }
  return wrong;
}

/** A client that waited through all of it was told the truth. */
function checkWait(
  { waited, acks }: Submit,
  runs: ReadonlyMap<string, string>,
  jobs: ReadonlyMap<string, string>,
): string[] {
  const runId = acks[0]?.runId ?? '';
  if (!waited) return [];
  const wrong = waited.jobs.filter((job) => jobs.get(job.job_id) !== job.status);
  return [
    ...(waited.status === runs.get(runId) ? [] : [`who waited for run ${runId} was told ${waited.status}`]),
    ...wrong.map((job) => `who waited for job ${job.job_id} was told ${job.status}`),
  ];
}
