import type { Client } from '../../client/index.ts';
import { Host } from './host.ts';
import { ReplayContext, type ReplayEvent } from './stage.ts';
import { submitRuns } from './submit-runs.ts';
import type { Trace } from './trace.ts';

export interface Replayed {
  readonly events: readonly ReplayEvent[];
  /** Of acknowledged starts, seconds of the trace; 95 % took no longer. */
  readonly roundTripP95: number;
}

/**
 * Plays a trace against a server in wall-clock time; answers what the devices did. Rejects where a job does not pass, or
 * where it takes far longer than any sane order of the work would.
 */
export async function replay(client: Client, trace: Trace, speed: number): Promise<Replayed> {
  const jobs = trace.runs.flatMap((run) => run.jobs);
  const stage = new ReplayContext(client, jobs, speed);
  const hosts = trace.devices.map((device) => new Host(stage, device));
  await Promise.all(hosts.map((host) => host.register()));
  stage.begin();
  const most = longest(trace);
  const late = setTimeout(
    () => stage.fail(new Error(`${stage.left} jobs are left after ${most} s`)),
    most * 1000,
  );
  const lives = Promise.all(hosts.map((host) => host.run()));
  const submits = submitRuns(stage, trace.runs);
  submits.catch((error) => stage.fail(error));
  try {
    await stage.ended;
    await checkRuns(client, await submits);
    return { events: stage.events, roundTripP95: p95(stage.roundTrips) * speed };
  } finally {
    clearTimeout(late);
    await lives;
  }
}

const p95 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * 0.95) - 1] ?? Number.NaN;

/** Wall-clock seconds: as if one device did everything, and some for a busy machine. */
function longest({ runs }: Trace): number {
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
