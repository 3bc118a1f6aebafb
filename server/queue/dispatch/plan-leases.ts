import { limits } from '../../../protocol/limits.ts';
import { type Answer, type Candidate, choose } from '../../scheduling/choose.ts';
import { chunkSize, shareOf, workPerLeaseMs, workPerLoneLeaseMs } from '../../scheduling/lease-size.ts';
import type { Deps } from '../store/deps.ts';
import { readBusyDevices } from './busy-devices.ts';
import type { Requester } from './lease-requests.ts';
import { type PoolSnapshot, readPoolSnapshot } from './pool-snapshot.ts';
import { type QueuedJob, readQueuedJobs, type WantedJobs } from './queued-jobs.ts';
import { TentativePool } from './tentative-pool.ts';

/** A lease to write. The write checks all of it again, since the pool may have changed since it was read. */
export interface PlannedLease {
  readonly requester: Requester;
  readonly orgId: string;
  /** The batch of its first job. */
  readonly batchId: number;
  readonly jobs: readonly Pick<QueuedJob, 'seq'>[];
  /** The device serves an overdue batch from now on. */
  readonly pin: boolean;
  /** The device may get jobs that avoid it too: the pool has no other. */
  readonly isOnlyDevice: boolean;
}

export interface Plan {
  readonly leases: readonly PlannedLease[];
  /** There may be more work than was read, also for devices that got nothing. */
  readonly isCut: boolean;
}

/** At most so many groups that no device holds are read for one plan. */
const mostGroups = 256;

/**
 * Plans leases for the devices of one pool that request at the same time. Each device chooses as if the leases of
 * those before it were written, so that two devices do not take the same job, nor install an app for which one is
 * enough. Reads only.
 */
export async function planLeases(
  deps: Deps,
  poolId: number,
  requesters: readonly Requester[],
): Promise<Plan> {
  // One more than the devices can take, since a device also compares its own group with another.
  for (let most = Math.min(requesters.length, 32) + 1; ; most *= 4) {
    const snapshot = await readPoolSnapshot(deps, poolId, most);
    if (!snapshot) return { leases: [], isCut: false };
    const plan = await planOn(new Planner(deps, snapshot, requesters), requesters);
    // Any device may take a group that no device holds. Where none did, all jobs that were read avoid these devices:
    // read more.
    const isInVain = plan.leases.length === 0 && snapshot.freeGroups.length > 0 && snapshot.isCut;
    if (!isInVain || most > mostGroups) return { ...plan, isCut: plan.isCut || snapshot.isCut };
  }
}

async function planOn(planner: Planner, requesters: readonly Requester[]): Promise<Plan> {
  const leases: PlannedLease[] = [];
  // After each lease the devices that got nothing choose again, since the answer may be another one now.
  for (let open = [...requesters], found = true; found && open.length > 0; ) {
    found = false;
    const idle = new Set<string>();
    for (const requester of open.splice(0)) {
      const lease = idle.has(planner.kindOf(requester)) ? undefined : await planner.plan(requester);
      if (lease) {
        leases.push(lease);
        idle.clear();
        found = true;
      } else {
        open.push(requester);
        idle.add(planner.kindOf(requester));
      }
    }
  }
  return { leases, isCut: planner.ranOut };
}

interface JobList {
  readonly jobs: QueuedJob[];
  readonly isCut: boolean;
}

class Planner {
  /** A device found no job left in a list that was cut. */
  ranOut = false;
  readonly #deps: Deps;
  readonly #snapshot: PoolSnapshot;
  readonly #pool: TentativePool;
  readonly #taken = new Set<number>();
  /** Queued jobs, by the values with which they were read. */
  readonly #lists = new Map<string, JobList>();
  /** Devices that some job avoids. */
  readonly #avoided = new Set<string>();
  readonly #most: number;
  #busy: ReadonlyMap<string, number> | undefined;

  constructor(deps: Deps, snapshot: PoolSnapshot, requesters: readonly Requester[]) {
    this.#deps = deps;
    this.#snapshot = snapshot;
    this.#pool = new TentativePool(snapshot);
    this.#most = limits.jobsPerLease * Math.min(64, requesters.length) + 1;
    for (const { deviceId, groupId, isPinned, isFit } of requesters) {
      this.#pool.admit(deviceId, { groupId, isPinned, isFit });
    }
  }

  /** Devices of one kind get the same answer. A device that some job avoids is a kind of its own. */
  kindOf({ deviceId, busySources }: Requester): string {
    const { groupId, isPinned, isFit } = this.#pool.device(deviceId) ?? {};
    return `${groupId} ${isPinned} ${isFit} ${this.#avoided.has(deviceId) ? deviceId : ''} ${busySources}`;
  }

  async plan(requester: Requester): Promise<PlannedLease | undefined> {
    if (this.#pool.device(requester.deviceId)?.isFit === false) return undefined;
    const isOnlyDevice = !this.#pool.hasOther(requester.deviceId);
    for (const without = new Set<number>(); ; ) {
      const answer = choose(this.#pool.question(requester.deviceId, without));
      if (!answer) return undefined;
      const { jobs, next } = await this.#fill(requester, answer, isOnlyDevice);
      const [first] = jobs;
      if (first) {
        for (const job of jobs) this.#taken.add(job.seq);
        this.#pool.lease(requester.deviceId, answer, jobs, next);
        return { requester, orgId: first.orgId, batchId: first.batchId, jobs, pin: answer.pin, isOnlyDevice };
      }
      without.add(answer.candidate.groupId);
    }
  }

  /**
   * About 30 s of predicted work, or 60 s where no other group waits, but no more than the device's share of the group, and the job after it: from the
   * overdue batch alone where the device is pinned to it, else from all batches of the group by rank.
   */
  async #fill({ deviceId, busySources }: Requester, answer: Answer, isOnlyDevice: boolean) {
    const { groupId, batchId } = answer.candidate;
    const batch = answer.pin ? batchId : null;
    const read = async (from: number | null, forDevice: string | null) => {
      const list = await this.#list({ groupId, batchId: from, forDevice, busySources });
      return { ...(await this.#cut(list, deviceId, answer, isOnlyDevice)), isCut: list.isCut };
    };
    const filled = await read(batch, null);
    if (filled.jobs.length > 0) return filled;
    this.ranOut ||= filled.isCut;
    // The list may be full of jobs that avoid this device; or the devices before it have taken the overdue jobs.
    if (filled.isCut) return read(batch, deviceId);
    return batch === null ? filled : read(null, deviceId);
  }

  async #cut({ jobs }: JobList, deviceId: string, { candidate }: Answer, isOnlyDevice: boolean) {
    while (jobs[0] && this.#taken.has(jobs[0].seq)) jobs.shift();
    const left = jobs.filter((job) => !this.#taken.has(job.seq));
    const mine = left.filter((job) => isOnlyDevice || job.avoids !== deviceId);
    const [first] = mine;
    const fitting = mine
      .filter((job) => job.sourceHash === first?.sourceHash && job.framework === first.framework)
      .filter((job) => job === first || !(job.isLone || first?.isLone))
      .slice(0, limits.jobsPerLease);
    const size = chunkSize(
      fitting.map((job) => job.estimateMs),
      limits.jobsPerLease,
      this.#pool.isAlone(candidate) ? workPerLoneLeaseMs : workPerLeaseMs,
    );
    const chosen = fitting.slice(0, Math.min(size, await this.#shareOf(deviceId, candidate, size)));
    return { jobs: chosen, next: left.find((job) => !chosen.includes(job)) };
  }

  /** The most jobs of the group for this device. Who is busy for how long is read only where it could make a difference. */
  async #shareOf(deviceId: string, group: Candidate, wanted: number): Promise<number> {
    const idle = this.#pool.sharing(deviceId, group, new Map());
    if (wanted <= Math.ceil(group.jobs / (idle.startsMs.length + 1))) return wanted;
    this.#busy ??= await readBusyDevices(this.#deps, this.#snapshot.poolId, this.#snapshot.now);
    return shareOf(this.#pool.sharing(deviceId, group, this.#busy));
  }

  async #list(wanted: WantedJobs): Promise<JobList> {
    const key = Object.values(wanted).join(' ');
    const known = this.#lists.get(key);
    if (known) return known;
    const jobs = await readQueuedJobs(this.#deps, this.#snapshot, wanted, this.#most);
    for (const { avoids } of jobs) if (avoids !== null) this.#avoided.add(avoids);
    const list = { jobs, isCut: jobs.length === this.#most };
    this.#lists.set(key, list);
    return list;
  }
}
