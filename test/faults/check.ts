import { isFinal } from '../../protocol/states.ts';
import { checkJobs } from './check-jobs.ts';
import { checkJournal } from './check-journal.ts';
import type { Submit } from './clients.ts';
import type { Evidence } from './evidence.ts';

/** Every broken promise that the evidence shows, one line each. */
export function check(evidence: Evidence): string[] {
  return [
    ...evidence.problems,
    ...checkSubmits(evidence),
    ...checkJobs(evidence),
    ...checkJournal(evidence),
    ...evidence.brokenRules.map((sentence) => `broken in the database: ${sentence}`),
    ...evidence.leftovers.map(({ pid, command }) => `a child of a test is still alive: ${pid} ${command}`),
    ...evidence.devices
      .filter((device) => device.lease_id !== null)
      .map((device) => `device ${device.name} of ${device.agent_id} is still leased`),
  ];
}

/** One key makes one run; acknowledged jobs exist and are final. */
function checkSubmits({ submits, runs, jobs }: Evidence): string[] {
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

/** A client that waited during the faults got the right result. */
function checkWait(
  { waited, acks }: Submit,
  runs: ReadonlyMap<string, string>,
  jobs: ReadonlyMap<string, string>,
): string[] {
  const runId = acks[0]?.runId ?? '';
  if (!waited) return [];
  const wrong = waited.jobs.filter((job) => jobs.get(job.job_id) !== job.status);
  return [
    ...(waited.status === runs.get(runId)
      ? []
      : [`the client that waited for run ${runId} was answered ${waited.status}`]),
    ...wrong.map((job) => `the client that waited for job ${job.job_id} was answered ${job.status}`),
  ];
}
