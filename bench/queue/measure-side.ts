import { median, percentile } from '../stats.ts';
import type { Child } from './open-child.ts';
import type { Part, Sizes } from './options.ts';
import type { Side } from './side.ts';

/** Figures of one side in one round; a part that was not measured is absent. */
export interface SideFigures {
  readonly submits_per_s?: number;
  readonly bulk_ms?: number;
  readonly drained_per_s?: number;
  readonly pickup_p50_ms?: number;
  readonly pickup_p99_ms?: number;
  readonly pickup_samples?: number;
}

/** Parts that are measured together: the jobs of the bulk submits are then drained. */
export const phases: readonly (readonly Part[])[] = [['a'], ['b', 'c'], ['d']];

type OpenedSide = Child<Side>;

/** One phase of one side, after a small warm-up of the same kind that does not count. */
export function measurePhase(side: OpenedSide, parts: readonly Part[], sizes: Sizes): Promise<SideFigures> {
  if (parts.includes('a')) return measureSubmits(side, sizes);
  if (parts.includes('d')) return measurePickup(side, sizes);
  return parts.includes('c') ? measureBulkAndDrain(side, sizes) : measureBulk(side, sizes);
}

const firstSubmits = 200;
const warmUpSubmits = 2000;

async function measureSubmits(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { ms: first } = await side.call('submit', firstSubmits, sizes.inFlight);
  const warmUp = Math.min(warmUpSubmits, Math.ceil((firstSubmits / first) * 1000));
  const { ms } = await side.call('submit', warmUp, sizes.inFlight);
  const jobs = Math.min(sizes.submits, Math.ceil((warmUp / ms) * sizes.submitMs));
  const timed = await side.call('submit', jobs, sizes.inFlight);
  return { submits_per_s: (jobs / timed.ms) * 1000 };
}

/** The warm-up drains the same tests, so that our scheduler knows their durations afterwards. */
async function measureBulkAndDrain(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  await side.call('submitBulk', sizes.bulk);
  await side.call('drain', sizes.bulk);
  const bulk = await submitBulks(side, sizes);
  const jobs = sizes.bulk * sizes.bulks;
  const { ms } = await side.call('drain', jobs);
  return { ...bulk, drained_per_s: (jobs / ms) * 1000 };
}

async function measureBulk(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  await side.call('submitBulk', sizes.bulk);
  return submitBulks(side, sizes);
}

async function submitBulks(side: OpenedSide, { bulk, bulks }: Sizes): Promise<SideFigures> {
  const times: number[] = [];
  while (times.length < bulks) times.push((await side.call('submitBulk', bulk)).ms);
  return { bulk_ms: median(times) };
}

const firstPickups = 5;
const fewestPickups = 10;

async function measurePickup(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { ms } = await side.call('pickup', firstPickups);
  const affordable = Math.floor(sizes.pickupMs / (ms / firstPickups));
  const times = Math.max(fewestPickups, Math.min(sizes.pickups, affordable));
  const { result } = await side.call('pickup', times);
  return {
    pickup_p50_ms: percentile(result, 0.5),
    pickup_p99_ms: percentile(result, 0.99),
    pickup_samples: times,
  };
}
