import { randomUUID } from 'node:crypto';
import type { Client } from '../../client/index.ts';
import { percentile } from '../stats.ts';
import { Host } from './host.ts';
import { ReplayContext, type ReplayEvent } from './replay-context.ts';
import type { Trace, TraceJob, TraceRun } from './trace.ts';

export interface Replayed {
  readonly events: readonly ReplayEvent[];
  /** 95th percentile of the time until a start was acknowledged, in seconds of the trace. */
  readonly roundTripP95: number;
}

/**
 * Plays a trace against a server in wall-clock time and returns what the devices did. Rejects if a job does not pass,
 * or if the replay takes longer than one device would need for all jobs.
 */
export async function replay(client: Client, trace: Trace, speed: number): Promise<Replayed> {
  const jobs = trace.runs.flatMap((run) => run.jobs);
  const context = new ReplayContext(client, jobs, speed);
  const hosts = trace.devices.map((device) => new Host(context, device));
  await Promise.all(hosts.map((host) => host.register()));
  context.begin();
  const limit = limitOf(trace);
  const timer = setTimeout(
    () => context.fail(new Error(`${context.left} jobs are left after ${limit} s`)),
    limit * 1000,
  );
  const loops = Promise.all(hosts.map((host) => host.run()));
  const submits = submitRuns(context, trace.runs);
  submits.catch((error) => context.fail(error));
  try {
    await context.ended;
    await checkRuns(client, await submits);
    return { events: context.events, roundTripP95: percentile(context.roundTrips, 0.95) * speed };
  } finally {
    clearTimeout(timer);
    await loops;
  }
}

/** Limit in wall-clock seconds: the time of one device for all jobs, and a minute more for a busy machine. */
function limitOf({ runs }: Trace): number {
  const work = runs
    .flatMap((run) => run.jobs)
    .reduce((sum, { simulate: { test_s, install_s } }) => sum + test_s + install_s, 0);
  return Math.ceil(Math.max(...runs.map((run) => run.at)) + work + 60);
}

async function checkRuns(client: Client, runIds: readonly string[]): Promise<void> {
  for (const id of runIds) {
    const { status } = await client.call('getRun', { params: { id } });
    if (status !== 'passed') throw new Error(`run ${id} is ${status}`);
  }
}

/** Submits each run at its time and returns the ids from the server. Rejects if the replay ends before. */
async function submitRuns(context: ReplayContext, runs: readonly TraceRun[]): Promise<string[]> {
  const made = runs.map(async (run) => {
    await context.sleep(run.at - context.now());
    return submitRun(context.client, run);
  });
  return (await Promise.all(made)).flat();
}

/**
 * A submit has one app version, one priority and the same tests for each target, so a run of the trace may need
 * several.
 */
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
