import { workPerLeaseMs } from './lease-size.ts';

/** The lowest-ranked batch of a group, as the choice sees it. Times in ms. */
export interface Candidate {
  readonly batchId: number;
  readonly groupId: number;
  /** Lower first. */
  readonly tag: number;
  readonly dueAt: number;
  readonly weight: number;
  /** Of all batches of the group with queued jobs: many small runs of one app weigh as much as one large run of it. */
  readonly groupWeight: number;
  /** Devices of the pool that have the group installed and are fit to go on with it. */
  readonly holders: number;
  /** Queued jobs of the group, and their predicted work. */
  readonly jobs: number;
  readonly workMs: number;
  /** The cost of one install. */
  readonly setupMs: number;
}

export interface Question {
  readonly now: number;
  /** The device has taken an overdue batch, and no other batch since. */
  readonly isPinned: boolean;
  readonly pool: PoolView;
  /** The group that the device has installed. */
  readonly warm: Candidate | undefined;
  /** The earliest due of the groups that no device holds. */
  readonly unserved: Candidate | undefined;
  /** The other groups, lowest tag first. */
  readonly cold: readonly Candidate[];
}

export interface PoolView {
  /** Devices online, the requesting one included. */
  readonly devices: number;
  /** How many of the others are pinned. */
  readonly pinned: number;
  /** Virtual time. */
  readonly v: number;
  /** Sum of the weights of the batches with queued jobs. */
  readonly weight: number;
}

export interface Answer {
  readonly candidate: Candidate;
  /** The device is pinned from now on: it serves an overdue batch. */
  readonly pin: boolean;
}

/**
 * Which group a free device should serve next; undefined when it should stay idle. See docs/scheduling.md. An overdue
 * group comes first, on a quarter of the pool at most. Then the installed app, unless another group is worth an install
 * and its rank is so far ahead that the change pays.
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

/**
 * A group is open to one more device when no device serves it, or when it would gain more than the install delays the
 * others.
 */
function isOpen(one: Candidate, pool: PoolView): boolean {
  const { holders: d, workMs, jobs, setupMs, groupWeight: weight } = one;
  if (d === 0) return true;
  const helps = setupMs + workMs / jobs < workMs / d;
  const gain = (workMs - setupMs * d) / (d * (d + 1));
  const delay = (8 * setupMs * (pool.weight - weight)) / (weight * pool.devices);
  return helps && gain > delay && !isCapped(one, d + 1, pool);
}

/**
 * How many devices would serve a group if the whole pool were idle and requested now: each takes a lease of the queued
 * jobs, as long as the rest is open. At least one, and at least its holders.
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

/** How many devices beside its holders a group is open to now, at most `most`. */
export function openPlaces(one: Candidate, pool: PoolView, most: number): number {
  let places = 0;
  while (places < most && isOpen({ ...one, holders: one.holders + places }, pool)) places += 1;
  return places;
}

/** A group whose tag V has passed keeps its share of the pool and gets no more. */
function isCapped({ tag, groupWeight: weight }: Candidate, devices: number, pool: PoolView): boolean {
  const share = Math.max(
    Math.ceil(pool.devices / 8),
    Math.ceil((pool.devices * weight) / Math.max(pool.weight, weight)),
  );
  return pool.v > tag && devices > share;
}

// A device leaves its app for a lead of so many times both installs.
const leaving = 30;

function staysWarm(warm: Candidate, cold: Candidate, pool: PoolView): boolean {
  const lead = (leaving * (cold.setupMs + warm.setupMs)) / cold.weight;
  return !isCapped(warm, warm.holders, pool) && warm.tag <= cold.tag + lead;
}
