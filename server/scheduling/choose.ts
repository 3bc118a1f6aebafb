import { workPerLeaseMs } from './fill-lease.ts';

/** The lowest-ranked batch of a group, as the choice sees it. Times in ms. */
export interface Candidate {
  readonly batchId: number;
  readonly groupId: number;
  /** Lower first. */
  readonly tag: number;
  readonly dueAt: number;
  readonly weight: number;
  /** Of all its batches with queued jobs: many small runs of one app weigh what they weigh together. */
  readonly groupWeight: number;
  /** Devices of the pool that hold the group's install and are fit to go on with it. */
  readonly holders: number;
  /** Queued jobs of the group, and their predicted work. */
  readonly jobs: number;
  readonly workMs: number;
  /** Of one install. */
  readonly setupMs: number;
}

export interface Question {
  readonly now: number;
  /** It took an overdue batch, and no other since. */
  readonly isPinned: boolean;
  readonly pool: PoolView;
  /** Of the group that the device has installed. */
  readonly warm: Candidate | undefined;
  /** The earliest due of the groups that no device holds. */
  readonly unserved: Candidate | undefined;
  /** Of the other groups, lowest tag first. */
  readonly cold: readonly Candidate[];
}

export interface PoolView {
  /** Devices online, the asking one included. */
  readonly devices: number;
  /** Of them, other ones that are pinned. */
  readonly pinned: number;
  readonly v: number;
  /** Sum of the weights of the batches with queued jobs. */
  readonly weight: number;
}

export interface Answer {
  readonly candidate: Candidate;
  /** The device is pinned from now on: it serves what is overdue. */
  readonly pin: boolean;
}

/**
 * Which group a free device should serve next; undefined when an idle device is right. See docs/scheduling.md.
 * First what is overdue, on a quarter of the pool at most; then the app that is installed, unless another group is worth
 * an install and so far ahead in rank that leaving pays.
 */
export function choose(question: Question): Answer | undefined {
  const { now, isPinned, pool, warm, unserved } = question;
  const isOverdue = (one: Candidate | undefined) => one !== undefined && one.dueAt < now;
  if (isPinned && warm && isOverdue(warm)) return { candidate: warm, pin: true };
  if (unserved && isOverdue(unserved) && pool.pinned < Math.ceil(pool.devices / 4)) {
    return { candidate: unserved, pin: true };
  }
  const cold = question.cold.find((one) => isOpen(one, pool));
  if (warm && (!cold || staysWarm(warm, cold, pool))) return { candidate: warm, pin: false };
  return cold && { candidate: cold, pin: false };
}

/** A group is open to one more device when nobody serves it, or when the gain beats the delay that the install causes. */
function isOpen(one: Candidate, pool: PoolView): boolean {
  const { holders: d, workMs, jobs, setupMs, groupWeight: weight } = one;
  if (d === 0) return true;
  const helps = setupMs + workMs / jobs < workMs / d;
  const gain = (workMs - setupMs * d) / (d * (d + 1));
  const delay = (8 * setupMs * (pool.weight - weight)) / (weight * pool.devices);
  return helps && gain > delay && !isCapped(one, d + 1, pool);
}

/**
 * How many devices would serve a group if all of the pool were idle and asked now: each takes a lease from what is queued,
 * as long as the rest of it is open. At least one, and those that hold it already.
 */
export function spreadOf(one: Candidate, pool: PoolView): number {
  const meanMs = one.workMs / one.jobs;
  let { holders, jobs } = one;
  while (
    jobs > 0 &&
    holders < pool.devices &&
    isOpen({ ...one, holders, jobs, workMs: jobs * meanMs }, pool)
  ) {
    holders += 1;
    jobs -= Math.max(1, workPerLeaseMs / meanMs);
  }
  return Math.max(1, holders);
}

/** A group that is late in rank keeps its share of the pool and no more. */
function isCapped({ tag, groupWeight: weight }: Candidate, devices: number, pool: PoolView): boolean {
  const share = Math.max(
    Math.ceil(pool.devices / 8),
    Math.ceil((pool.devices * weight) / Math.max(pool.weight, weight)),
  );
  return pool.v > tag && devices > share;
}

const leaving = 30;

function staysWarm(warm: Candidate, cold: Candidate, pool: PoolView): boolean {
  const lead = (leaving * (cold.setupMs + warm.setupMs)) / cold.weight;
  return !isCapped(warm, warm.holders, pool) && warm.tag <= cold.tag + lead;
}
