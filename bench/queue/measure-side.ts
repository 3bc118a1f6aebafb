import { median, percentile } from '../stats.ts';
import type { FsyncCounter } from './fsyncs.ts';
import type { Child, Timed } from './open-child.ts';
import type { Part, Sizes } from './options.ts';
import type { Side } from './side.ts';

/** Figures of one side in one round; a part that was not measured is absent, and so is what could not be counted. */
export interface SideFigures {
  readonly submits_per_s?: number;
  readonly submit_fsyncs_per_s?: number;
  readonly submit_fsyncs_per_job?: number;
  readonly bulk_ms?: number;
  readonly bulk_fsyncs_per_s?: number;
  /** Of one bulk submit. */
  readonly bulk_fsyncs?: number;
  readonly drained_per_s?: number;
  readonly drain_fsyncs_per_s?: number;
  readonly drain_fsyncs_per_job?: number;
  readonly pickup_p50_ms?: number;
  readonly pickup_p99_ms?: number;
  readonly pickup_samples?: number;
  /** With the pauses between the pickups. */
  readonly pickup_fsyncs_per_s?: number;
  /** From a submit to the end of its job. */
  readonly pickup_fsyncs_per_job?: number;
}

/** Parts that are measured together: the jobs of the bulk submits are then drained. */
export const phases: readonly (readonly Part[])[] = [['a'], ['b', 'c'], ['d']];

/** A side in its process, and what counts the fsyncs of its store. */
export interface OpenedSide {
  readonly child: Child<Side>;
  readonly fsyncs: FsyncCounter;
}

/** One phase of one side, after a small warm-up of the same kind that does not count. */
export function measurePhase(side: OpenedSide, parts: readonly Part[], sizes: Sizes): Promise<SideFigures> {
  if (parts.includes('a')) return measureSubmits(side, sizes);
  if (parts.includes('d')) return measurePickup(side, sizes);
  return parts.includes('c') ? measureBulkAndDrain(side, sizes) : measureBulk(side, sizes);
}

const firstSubmits = 200;
const warmUpSubmits = 2000;

async function measureSubmits({ child, fsyncs }: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { ms: first } = await child.call('submit', firstSubmits, sizes.inFlight);
  const warmUp = Math.min(warmUpSubmits, Math.ceil((firstSubmits / first) * 1000));
  const { ms } = await child.call('submit', warmUp, sizes.inFlight);
  const jobs = Math.min(sizes.submits, Math.ceil((warmUp / ms) * sizes.submitMs));
  const timed = await fsyncs.during(() => child.call('submit', jobs, sizes.inFlight));
  const { perSecond, perJob } = rates(timed, jobs);
  return {
    submits_per_s: (jobs / timed.result.ms) * 1000,
    ...(perSecond !== undefined && { submit_fsyncs_per_s: perSecond, submit_fsyncs_per_job: perJob }),
  };
}

/** The warm-up drains the same tests, so that our scheduler knows their durations afterwards. */
async function measureBulkAndDrain(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { child, fsyncs } = side;
  await child.call('submitBulk', sizes.bulk);
  await child.call('drain', sizes.bulk);
  const bulk = await submitBulks(side, sizes);
  const jobs = sizes.bulk * sizes.bulks;
  const timed = await fsyncs.during(() => child.call('drain', jobs));
  const { perSecond, perJob } = rates(timed, jobs);
  return {
    ...bulk,
    drained_per_s: (jobs / timed.result.ms) * 1000,
    ...(perSecond !== undefined && { drain_fsyncs_per_s: perSecond, drain_fsyncs_per_job: perJob }),
  };
}

async function measureBulk(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  await side.child.call('submitBulk', sizes.bulk);
  return submitBulks(side, sizes);
}

async function submitBulks({ child, fsyncs }: OpenedSide, { bulk, bulks }: Sizes): Promise<SideFigures> {
  const times: number[] = [];
  const counted = await fsyncs.during(async () => {
    while (times.length < bulks) times.push((await child.call('submitBulk', bulk)).ms);
    return { ms: times.reduce((sum, ms) => sum + ms, 0) };
  });
  const { perSecond, perJob } = rates(counted, bulks);
  return {
    bulk_ms: median(times),
    ...(perSecond !== undefined && { bulk_fsyncs_per_s: perSecond, bulk_fsyncs: perJob }),
  };
}

const firstPickups = 5;
const fewestPickups = 10;

async function measurePickup({ child, fsyncs }: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { ms } = await child.call('pickup', firstPickups);
  const affordable = Math.floor(sizes.pickupMs / (ms / firstPickups));
  const times = Math.max(fewestPickups, Math.min(sizes.pickups, affordable));
  const timed = await fsyncs.during(() => child.call('pickup', times));
  const { result } = timed.result;
  const { perSecond, perJob } = rates(timed, times);
  return {
    pickup_p50_ms: percentile(result, 0.5),
    pickup_p99_ms: percentile(result, 0.99),
    pickup_samples: times,
    ...(perSecond !== undefined && { pickup_fsyncs_per_s: perSecond, pickup_fsyncs_per_job: perJob }),
  };
}

/** Nothing where the fsyncs were not counted. */
function rates(
  { result, fsyncs }: { readonly result: Pick<Timed<unknown>, 'ms'>; readonly fsyncs: number | undefined },
  jobs: number,
): { readonly perSecond?: number; readonly perJob?: number } {
  return fsyncs === undefined ? {} : { perSecond: (fsyncs / result.ms) * 1000, perJob: fsyncs / jobs };
}
