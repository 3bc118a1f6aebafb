import { type BenchDevice, call, type Tenant } from './api.ts';
import type { Connection } from './connection.ts';
import { HeldPolls } from './long-polls.ts';
import { type Connections, submitBody, submitJobs } from './load.ts';
import { letPollArrive, measurePickups } from './pickup.ts';
import type { ServerProcess } from './server-process.ts';
import type { Sizes } from './sizes.ts';
import { percentile } from '../stats.ts';

export interface PollFigures {
  readonly polls: number;
  readonly kib_per_poll: number;
  readonly submits_per_s: number;
  readonly submits_per_s_held: number;
  readonly pickup_p50_ms: number;
  /** The job's own pool has one poll, the others wait elsewhere. */
  readonly pickup_p50_ms_held: number;
  /** All polls wait in the job's pool. */
  readonly pickup_p50_ms_same_pool: number;
  /** Polls that ended with an error meanwhile. */
  readonly poll_errors: number;
}

// Where the polls wait, where one device waits alone, and where nobody does.
export const crowded = 'emulator';
export const lonely = 'device';
const empty = 'browserstack';

export interface PollLab {
  readonly server: ServerProcess;
  readonly tenant: Tenant;
  readonly connections: Connections;
  readonly crowd: readonly BenchDevice[];
  readonly loner: BenchDevice;
  readonly sizes: Sizes;
}

/** Memory first, since a server that has worked has room to spare. What is without polls comes last, when all is warm. */
export async function measurePolls(lab: PollLab): Promise<PollFigures> {
  const { sizes, server } = lab;
  await submits(lab, 500);
  await pickups(lab, 20);
  const before = await settle(server);
  const held = new HeldPolls(server.url, lab.tenant);
  await held.open(lab.crowd);
  const after = await settle(server);
  const heldFigures = await measureHeld(lab, held);
  held.close();
  await settle(server);
  return {
    polls: sizes.polls,
    kib_per_poll: (after - before) / sizes.polls,
    ...heldFigures,
    poll_errors: held.errors,
    submits_per_s: await submits(lab, sizes.pollSubmits),
    pickup_p50_ms: percentile(await pickups(lab, sizes.pollPickups), 0.5),
  };
}

async function measureHeld(lab: PollLab, held: HeldPolls) {
  const { sizes } = lab;
  await submits(lab, sizes.pollSubmits);
  const submitted = await submits(lab, sizes.pollSubmits);
  const apart = await pickups(lab, sizes.pollPickups);
  const together = await crowdedPickups(lab, held);
  return {
    submits_per_s_held: submitted,
    pickup_p50_ms_held: percentile(apart, 0.5),
    pickup_p50_ms_same_pool: percentile(together, 0.5),
  };
}

/** Of jobs that nobody takes; a second. */
async function submits({ connections, tenant, sizes }: PollLab, jobs: number): Promise<number> {
  const lanes = await connections.take(sizes.inFlight);
  const started = performance.now();
  await submitJobs(lanes, jobs, { authorization: tenant.submit, body: submitBody(empty) });
  return (jobs / (performance.now() - started)) * 1000;
}

async function pickups({ connections, tenant, loner }: PollLab, times: number): Promise<number[]> {
  const [submitter, poller] = (await connections.take(2)) as [Connection, Connection];
  return measurePickups({ tenant, submitter, poller, device: loner, target: lonely }, times);
}

/** Any of the polls may be given the job. Few are enough: each wakes whom the server chooses to wake. */
async function crowdedPickups({ connections, tenant, sizes }: PollLab, held: HeldPolls): Promise<number[]> {
  const [submitter] = (await connections.take(1)) as [Connection];
  const body = submitBody(crowded);
  const samples: number[] = [];
  const deadline = performance.now() + 20_000;
  while (samples.length < sizes.pollPickups / 4 && performance.now() < deadline) {
    const leased = new Promise<number>((resolve) => {
      held.onLease = () => resolve(performance.now());
    });
    const started = performance.now();
    await call(submitter, tenant.submit, '/v1/jobs', JSON.parse(body(samples.length)));
    samples.push((await leased) - started);
    await letPollArrive();
  }
  return samples;
}

const settleStepMs = 500;
const settleSteps = 60;

/** Resident memory, KiB, once it no longer changes by a hundredth a second. */
async function settle(server: ServerProcess): Promise<number> {
  let last = server.residentKib();
  let calm = 0;
  for (let n = 0; n < settleSteps && calm < 4; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, settleStepMs));
    const now = server.residentKib();
    calm = Math.abs(now - last) < last / 200 ? calm + 1 : 0;
    last = now;
  }
  return last;
}
