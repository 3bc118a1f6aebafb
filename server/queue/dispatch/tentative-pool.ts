import { type Answer, type Candidate, openPlaces, type Question } from '../../scheduling/choose.ts';
import type { Sharing } from '../../scheduling/lease-size.ts';
import type { PoolDevice, PoolSnapshot, QueuedGroup } from './pool-snapshot.ts';
import type { QueuedJob } from './queued-jobs.ts';

/**
 * A pool as it would be if the leases that are planned so far were written. Devices that request at the same time
 * choose from it one after the other.
 */
export class TentativePool {
  readonly #snapshot: PoolSnapshot;
  readonly #devices: Map<string, PoolDevice>;
  /** The groups that may be chosen, by id. */
  readonly #groups = new Map<number, QueuedGroup>();
  readonly #due: QueuedGroup[];
  readonly #leasesLeft = new Map<string, number>();
  /** How long the devices that have a planned lease need for it, ms. */
  readonly #planned = new Map<string, number>();

  constructor(snapshot: PoolSnapshot) {
    this.#snapshot = snapshot;
    this.#devices = new Map(snapshot.devices);
    // Lowest tag first, so that a group that no device holds stands here with its first batch.
    for (const group of [...snapshot.heldGroups, ...snapshot.freeGroups]) {
      if (!this.#groups.has(group.groupId)) this.#groups.set(group.groupId, group);
    }
    this.#due = [...snapshot.dueGroups];
    for (const { orgId, leasesLeft } of [
      ...snapshot.heldGroups,
      ...snapshot.freeGroups,
      ...snapshot.dueGroups,
    ]) {
      if (leasesLeft !== null) this.#leasesLeft.set(orgId, leasesLeft);
    }
  }

  device(id: string): PoolDevice | undefined {
    return this.#devices.get(id);
  }

  /** Adds a requesting device that does not count as online: for its own request it is there. */
  admit(id: string, device: PoolDevice): void {
    if (!this.#devices.has(id)) this.#devices.set(id, device);
  }

  /** There is another device, which could take the jobs that avoid this one. */
  hasOther(id: string): boolean {
    for (const [other, { isFit }] of this.#devices) if (isFit && other !== id) return true;
    return false;
  }

  /** No other group waits for a device of the pool, and how long the tests of this one take is known. */
  isAlone({ groupId, groupWeight }: Candidate): boolean {
    for (const other of this.#groups.keys()) if (other !== groupId) return false;
    // Sums of weights, which are no whole numbers.
    return this.#snapshot.weight < groupWeight * 1.001 && this.#groups.get(groupId)?.isGuessed === false;
  }

  /** The question for a device, without the groups in which no job was found for it. */
  question(id: string, without: ReadonlySet<number>): Question {
    const { now, v, weight } = this.#snapshot;
    const me = this.#devices.get(id);
    const { holders, pinned } = this.#count(id);
    const toCandidates = (groups: Iterable<QueuedGroup>): Candidate[] =>
      [...groups]
        .filter((one) => !without.has(one.groupId) && (this.#leasesLeft.get(one.orgId) ?? 1) > 0)
        .map((one) => ({ ...one, holders: this.#holdersOf(one, holders) }));
    const open = toCandidates(this.#groups.values());
    return {
      now,
      isPinned: me?.isPinned ?? false,
      pool: { devices: Math.max(1, this.#snapshot.devices.size), pinned, v, weight },
      warm: open.find((one) => one.groupId === me?.groupId),
      unserved: earliestDue([...toCandidates(this.#due), ...open], now),
      cold: open.filter((one) => one.groupId !== me?.groupId).sort((a, b) => a.tag - b.tag),
    };
  }

  /**
   * The queued jobs of a group that the device is given, and the other devices that would be given some of them now:
   * those that hold the group, and as many of those without work of their own as the choice would let in. `busy`: for how
   * long each device that has a lease needs for it, ms.
   */
  sharing(id: string, group: Candidate, busy: ReadonlyMap<string, number>): Sharing {
    const { v, weight, devices } = this.#snapshot;
    const startOf = (other: string) => this.#planned.get(other) ?? busy.get(other) ?? 0;
    const holders: number[] = [];
    const others: number[] = [];
    const held = new Set([group.groupId]);
    for (const [other, { groupId, isFit }] of this.#devices) {
      if (!isFit || other === id) continue;
      if (groupId !== null) held.add(groupId);
      if (groupId === group.groupId) holders.push(startOf(other));
      else if (groupId === null || !this.#groups.has(groupId)) others.push(startOf(other) + group.setupMs);
    }
    // Groups without a device that come before this one are given devices before it.
    const ahead = [...this.#groups.values()].filter((one) => one.tag < group.tag && !held.has(one.groupId));
    const pool = { devices: Math.max(1, devices.size), pinned: 0, v, weight };
    const places = openPlaces(
      { ...group, holders: holders.length + 1 },
      pool,
      Math.max(0, others.length - ahead.length),
    );
    others.sort((a, b) => a - b);
    const ownStartMs = this.#devices.get(id)?.groupId === group.groupId ? 0 : group.setupMs;
    const startsMs = [...holders, ...others.slice(0, places)];
    return { jobs: group.jobs, workMs: group.workMs, ownStartMs, startsMs };
  }

  /** Notes that the device gets these jobs. `next` is a job of the group that is left, where one is known. */
  lease(
    id: string,
    { candidate, pin }: Answer,
    jobs: readonly QueuedJob[],
    next: QueuedJob | undefined,
  ): void {
    const { groupId } = candidate;
    const { isFit = true, groupId: installed } = this.#devices.get(id) ?? {};
    const workMs = jobs.reduce((sum, job) => sum + job.estimateMs, 0);
    this.#planned.set(id, workMs + (installed === groupId ? 0 : candidate.setupMs));
    this.#devices.set(id, { groupId, isPinned: pin, isFit });
    const group = this.#groups.get(groupId) ?? this.#due.find((one) => one.groupId === groupId);
    if (!group) return;
    const leasesLeft = this.#leasesLeft.get(group.orgId);
    if (leasesLeft !== undefined) this.#leasesLeft.set(group.orgId, leasesLeft - 1);
    const left = group.jobs - jobs.length;
    if (left <= 0 && !next) {
      this.#groups.delete(groupId);
      return;
    }
    const { batchId, tag, dueAt, weight } = next ?? group;
    const rest = { workMs: Math.max(0, group.workMs - workMs), jobs: Math.max(1, left) };
    this.#groups.set(groupId, { ...group, batchId, tag, dueAt, weight, ...rest });
  }

  /** How many fit devices hold each group, and how many other devices are pinned. */
  #count(id: string): { holders: Map<number, number>; pinned: number } {
    const holders = new Map<number, number>();
    let pinned = 0;
    for (const [other, { groupId, isPinned, isFit }] of this.#devices) {
      if (!isFit) continue;
      if (groupId !== null) holders.set(groupId, (holders.get(groupId) ?? 0) + 1);
      if (isPinned && other !== id) pinned += 1;
    }
    return { holders, pinned };
  }

  // A device that all jobs of the batch avoid is no holder: the group would wait for a device that never comes.
  #holdersOf({ groupId, avoids }: QueuedGroup, holders: ReadonlyMap<number, number>): number {
    const avoided = avoids === null ? undefined : this.#devices.get(avoids);
    return (holders.get(groupId) ?? 0) - (avoided?.isFit && avoided.groupId === groupId ? 1 : 0);
  }
}

/** The earliest due of the overdue groups without a holder. */
function earliestDue(candidates: readonly Candidate[], now: number): Candidate | undefined {
  return candidates
    .filter((one) => one.holders === 0 && one.dueAt < now)
    .reduce<Candidate | undefined>(
      (first, one) => (first && first.dueAt <= one.dueAt ? first : one),
      undefined,
    );
}
