import { percentile } from '../stats.ts';
import { type BenchDevice, call, type Tenant } from './api.ts';
import type { Connection } from './connection.ts';
import { type Connections, submitBody, submitJobs } from './load.ts';
import { LongPolls } from './long-polls.ts';
import type { Sizes } from './options.ts';
import { letPollArrive, measurePickups } from './pickup.ts';
import type { ServerProcess } from './server-process.ts';

export interface PollFigures {
  readonly polls: number;
  readonly kib_per_poll: number;
  readonly submits_per_s: number;
  readonly submits_per_s_with_polls: number;
  readonly pickup_p50_ms: number;
  /** One poll waits in the pool of the job, all others in another pool. */
  readonly pickup_p50_ms_with_polls: number;
  /** All polls wait in the pool of the job. */
  readonly pickup_p50_ms_same_pool: number;
  /** Polls that ended with an error. */
  readonly poll_errors: number;
}

// The pool in which all polls wait, the one in which a single device waits, and one without devices.
export const manyTarget = 'emulator';
export const oneTarget = 'device';
const noDeviceTarget = 'browserstack';

export interface PollSetup {
  readonly server: ServerProcess;
  readonly tenant: Tenant;
  readonly connections: Connections;
  readonly manyDevices: readonly BenchDevice[];
  readonly oneDevice: BenchDevice;
  readonly sizes: Sizes;
}

/**
 * Memory is measured first: later the heap of the server has free space. The figures without polls come last, when all
 * is warm.
 */
export async function measurePolls(setup: PollSetup): Promise<PollFigures> {
  const { sizes, server } = setup;
  await submits(setup, 500);
  await pickups(setup, 20);
  const before = await settle(server);
  const polls = new LongPolls(server.url, setup.tenant);
  await polls.open(setup.manyDevices);
  const after = await settle(server);
  const withPolls = await measureWithPolls(setup, polls);
  polls.close();
  await settle(server);
  return {
    polls: sizes.polls,
    kib_per_poll: (after - before) / sizes.polls,
    ...withPolls,
    poll_errors: polls.errors,
    submits_per_s: await submits(setup, sizes.pollSubmits),
    pickup_p50_ms: percentile(await pickups(setup, sizes.pollPickups), 0.5),
  };
}

async function measureWithPolls(setup: PollSetup, polls: LongPolls) {
  const { sizes } = setup;
  await submits(setup, sizes.pollSubmits);
  const submitted = await submits(setup, sizes.pollSubmits);
  const apart = await pickups(setup, sizes.pollPickups);
  const together = await pickupsInFullPool(setup, polls);
  return {
    submits_per_s_with_polls: submitted,
    pickup_p50_ms_with_polls: percentile(apart, 0.5),
    pickup_p50_ms_same_pool: percentile(together, 0.5),
  };
}

/** Submits per second, of jobs that no device takes. */
async function submits({ connections, tenant, sizes }: PollSetup, jobs: number): Promise<number> {
  const lanes = await connections.take(sizes.inFlight);
  const started = performance.now();
  await submitJobs(lanes, jobs, { authorization: tenant.submit, body: submitBody(noDeviceTarget) });
  return (jobs / (performance.now() - started)) * 1000;
}

async function pickups({ connections, tenant, oneDevice }: PollSetup, times: number): Promise<number[]> {
  const [submitter, poller] = (await connections.take(2)) as [Connection, Connection];
  return measurePickups({ tenant, submitter, poller, device: oneDevice, target: oneTarget }, times);
}

/** Any of the polls may get the job. A quarter of the samples is enough. */
async function pickupsInFullPool(
  { connections, tenant, sizes }: PollSetup,
  polls: LongPolls,
): Promise<number[]> {
  const [submitter] = (await connections.take(1)) as [Connection];
  const body = submitBody(manyTarget);
  const samples: number[] = [];
  const deadline = performance.now() + 20_000;
  while (samples.length < sizes.pollPickups / 4 && performance.now() < deadline) {
    const leased = new Promise<number>((resolve) => {
      polls.onLease = () => resolve(performance.now());
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

/** Resident memory in KiB, once it changes by less than 1 % per second. */
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
