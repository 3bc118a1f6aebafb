import { randomUUID } from 'node:crypto';
import type { Client } from '../../client/index.ts';
import type { ReplayContext } from './stage.ts';
import type { TraceJob, TraceRun } from './trace.ts';

/** Submits each run at its time. Answers the server's ids of them. Rejects when the replay is over before. */
export async function submitRuns(stage: ReplayContext, runs: readonly TraceRun[]): Promise<string[]> {
  const made = runs.map(async (run) => {
    await stage.sleep(run.at - stage.now());
    return submitRun(stage.client, run);
  });
  return (await Promise.all(made)).flat();
}

/** A submit names one app version, one priority and the same tests for each target: a run of the trace may take several. */
function submitRun(client: Client, { org, jobs }: TraceRun): Promise<string[]> {
  const parts = Map.groupBy(jobs, (job) => `${job.app_version} ${job.target} ${job.priority}`);
  return Promise.all([...parts.values()].map((own) => submitPart(client, org, own)));
}

async function submitPart(client: Client, org: string, jobs: readonly TraceJob[]): Promise<string> {
  const [first] = jobs;
  const body = {
    org_id: org,
    app_version_id: first?.app_version ?? '',
    target: first?.target,
    priority: first?.priority,
    tests: jobs.map((job) => job.id),
    max_retries: 0,
  };
  return (await client.call('submitRun', { body, idempotencyKey: randomUUID() })).run.run_id;
}
