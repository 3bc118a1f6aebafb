import type { Child } from './open-child.ts';
import type { Part } from './options.ts';
import type { Side } from './side.ts';
import type { Sizes } from './sizes.ts';
import { median, percentile } from './stats.ts';

/** What one side did in one round; what was not asked for is absent. */
export interface SideFigures {
  readonly submits_per_s?: number;
  readonly bulk_ms?: number;
  readonly drained_per_s?: number;
  readonly pickup_p50_ms?: number;
  readonly pickup_p99_ms?: number;
  readonly pickup_samples?: number;
}

type OpenedSide = Child<Side>;

/** One round of one side. Each phase is preceded by a small one of its kind that does not count: code and caches warm up. */
export async function measureSide(
  side: OpenedSide,
  parts: ReadonlySet<Part>,
  sizes: Sizes,
): Promise<SideFigures> {
  const figures: SideFigures[] = [];
  if (parts.has('a')) figures.push(await measureSubmits(side, sizes));
  if (figures.length > 0 && parts.size > 1) await side.call('reset');
  if (parts.has('c')) figures.push(await measureBulkAndDrain(side, sizes));
  else if (parts.has('b')) figures.push(await measureBulk(side, sizes));
  if (parts.has('d')) {
    await side.call('reset');
    figures.push(await measurePickup(side, sizes));
  }
  return Object.assign({}, ...figures) as SideFigures;
}

const warmUpJobs = 2000;

async function measureSubmits(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { ms: first } = await side.call('submit', 200, sizes.inFlight);
  const warmUp = Math.min(warmUpJobs, Math.ceil((200 * 1000) / first));
  const { ms } = await side.call('submit', warmUp, sizes.inFlight);
  const jobs = Math.min(sizes.submits, Math.ceil((warmUp / ms) * sizes.submitMs));
  const timed = await side.call('submit', jobs, sizes.inFlight);
  return { submits_per_s: (jobs / timed.ms) * 1000 };
}

/** What is drained first are the same tests, so that a scheduler that learns how long they take has learnt it. */
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

async function measurePickup(side: OpenedSide, sizes: Sizes): Promise<SideFigures> {
  const { ms } = await side.call('pickup', 5);
  const times = Math.max(10, Math.min(sizes.pickups, Math.floor(sizes.pickupMs / (ms / 5))));
  const { result } = await side.call('pickup', times);
  return {
    pickup_p50_ms: percentile(result, 0.5),
    pickup_p99_ms: percentile(result, 0.99),
    pickup_samples: times,
  };
}
