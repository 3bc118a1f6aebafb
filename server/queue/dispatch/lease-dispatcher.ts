import { QgjobError } from '../../../protocol/errors.ts';
import type { Lease } from '../../../protocol/shapes/agent.ts';
import { giveBack } from '../leases/index.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { Deps } from '../store/deps.ts';
import { whyEnded } from '../store/ended-call.ts';
import type { WakeUps } from '../store/wake-ups.ts';
import { LeasePoll, type PollOptions } from './lease-poll.ts';
import {
  checkLeaseRequest,
  checkLeaseRequests,
  type LeaseRequest,
  type Requester,
} from './lease-requests.ts';
import { planBesideBorrows, planIdle } from './plan-beside-borrows.ts';
import type { PlannedLease } from './plan-leases.ts';
import { nextPolls, type PoolQueue } from './pool-queue.ts';
import { type LeaseOfDevice, readLeases, takeJobs } from './take-jobs.ts';

const lostRoundsPerPlan = 4;

/**
 * Answers lease requests, at once or when work comes. A change in a pool leads to one plan for all requests that wait
 * there, and not to one for each: so a hundred idle devices cost a submit hardly more than one device.
 */
export class LeaseDispatcher {
  readonly #deps: Deps;
  readonly #wakeUps: WakeUps;
  readonly #onError: (error: unknown) => void;
  readonly #queues = new Map<number, PoolQueue>();
  /** The waiting request of each device. */
  readonly #polls = new Map<string, LeasePoll>();

  /** `onError` gets the errors of plans after which all requests wait on. */
  constructor(deps: Deps, wakeUps: WakeUps, onError: (error: unknown) => void) {
    this.#deps = deps;
    this.#wakeUps = wakeUps;
    this.#onError = onError;
  }

  /** How many requests wait for work. */
  held = (): number => this.#polls.size;

  /**
   * Leases a few queued jobs of one group to a free device, under the id that its agent has chosen, as soon as there
   * are some; undefined after `waitMs` and at a stop. The same id again answers the same lease while it lives.
   * Errors: `not_found` (device, foreign lease), `replaced`, `lease_lost` (the id's lease has ended), `conflict` with
   * `details.lease_id` (the device has a live lease of another id), `unauthorized` once the caller's token has ended.
   */
  async lease(request: LeaseRequest, options: PollOptions): Promise<Lease | undefined> {
    const { requester, lease } = await this.#check(request);
    const ended = whyEnded(options.signal);
    if (ended) throw ended;
    if (!requester || options.signal.aborted || this.#wakeUps.stopped) return lease;
    // With a new request, the last one of the same device is over.
    this.#polls.get(requester.deviceId)?.end();
    const queue = this.#enter(requester.poolId);
    const poll = new LeasePoll(request, requester, options, () => this.#leave(requester.poolId, poll));
    this.#polls.set(requester.deviceId, poll);
    queue.polls.set(requester.deviceId, poll);
    void this.#plan(requester.poolId, queue);
    return poll.answered;
  }

  /** The device that requests, or its lease under this id. Waits for a lease that is being written for it. */
  async #check(request: LeaseRequest): Promise<{ requester?: Requester; lease?: Lease | undefined }> {
    const check = () => checkLeaseRequest(this.#deps, request);
    let checked = await check();
    const last = this.#polls.get(request.input.device_id);
    if (last?.state === 'leasing') {
      await last.answered.catch(() => undefined);
      checked = await check();
    }
    if ('requester' in checked) return checked;
    return { lease: await this.#readLease({ leaseId: checked.leaseId, deviceId: request.input.device_id }) };
  }

  #enter(poolId: number): PoolQueue {
    const known = this.#queues.get(poolId);
    if (known) return known;
    const unsubscribe = this.#wakeUps.subscribe(`pool:${poolId}`, () => this.#wake(poolId, queue));
    const queue: PoolQueue = { polls: new Map(), isDue: false, isPlanning: false, unsubscribe };
    this.#queues.set(poolId, queue);
    return queue;
  }

  #leave(poolId: number, poll: LeasePoll): void {
    const queue = this.#queues.get(poolId);
    const { deviceId } = poll.requester;
    if (this.#polls.get(deviceId) === poll) this.#polls.delete(deviceId);
    if (queue?.polls.get(deviceId) === poll) queue.polls.delete(deviceId);
    if (queue?.polls.size !== 0) return;
    this.#queues.delete(poolId);
    queue.unsubscribe();
  }

  #wake(poolId: number, queue: PoolQueue): void {
    queue.isDue = true;
    if (!this.#wakeUps.stopped) void this.#plan(poolId, queue);
    else for (const poll of queue.polls.values()) poll.end();
  }

  /** One plan of a pool at a time; requests and wake-ups that come meanwhile are part of the next one. */
  async #plan(poolId: number, queue: PoolQueue): Promise<void> {
    if (queue.isPlanning) return;
    queue.isPlanning = true;
    // First lets in the other requests and wake-ups of this turn.
    await Promise.resolve();
    for (let polls = nextPolls(queue); polls.length > 0; polls = nextPolls(queue)) {
      queue.isDue = false;
      await this.#planOnce(poolId, polls).catch((error) => this.#fail(polls, error));
      for (const poll of polls) poll.planned();
    }
    queue.isDue = false;
    queue.isPlanning = false;
  }

  /** Plans until no request gets a lease any more, or until other servers took the planned jobs too often. */
  async #planOnce(poolId: number, polls: readonly LeasePoll[]): Promise<void> {
    const passedOver = new Set<LeasePoll>();
    for (let lostRounds = 0; lostRounds < lostRoundsPerPlan; ) {
      const open = polls.filter((one) => one.isOpen && !passedOver.has(one));
      if (open.length === 0) return;
      const { plan, waiting } = await planBesideBorrows(this.#deps, poolId, open);
      const made = await this.#lease(plan.leases, open, passedOver);
      if (made < plan.leases.length) lostRounds += 1;
      else if (made === 0 || !plan.isCut) {
        await this.#lease(await planIdle(this.#deps, poolId, open, waiting), open, passedOver);
        return;
      }
    }
  }

  /** Writes planned leases and answers their requests; returns how many leases were made. */
  async #lease(
    planned: readonly PlannedLease[],
    open: readonly LeasePoll[],
    passedOver: Set<LeasePoll>,
  ): Promise<number> {
    const byDevice = new Map(open.map((one) => [one.requester.deviceId, one]));
    const pollOf = ({ requester }: PlannedLease) => byDevice.get(requester.deviceId);
    await Promise.all(planned.map((one) => pollOf(one)?.recheck()));
    const begun = planned.filter((one) => pollOf(one)?.beginLease());
    const made = await takeJobs(this.#deps, begun);
    const lost: LeasePoll[] = [];
    for (const poll of begun.flatMap((one) => pollOf(one) ?? [])) {
      const lease = made.get(poll.requester.deviceId);
      if (!lease) lost.push(poll);
      else if (poll.isGone) await this.#takeBack(poll, lease);
      else poll.answer(fulfilled(lease));
    }
    await this.#reconsider(lost, passedOver);
    return made.size;
  }

  /** The caller went away while its lease was written. Where there are other servers, it may have it from one of them. */
  async #takeBack(poll: LeasePoll, lease: Lease): Promise<void> {
    if (this.#deps.sql.isRemote) return poll.answer(fulfilled(lease));
    // Before the answer, so that a repeat of the request does not get the jobs that are given back here.
    await this.#deps.sql.write(giveBack(lease.lease_id, this.#deps.now())).catch(this.#onError);
    poll.answer(fulfilled(undefined));
  }

  /** Requests for which the write made no lease: the jobs were gone, or the device or its agent has changed. */
  async #reconsider(lost: readonly LeasePoll[], passedOver: Set<LeasePoll>): Promise<void> {
    if (lost.length === 0) return;
    const requests = lost.map((one) => one.request);
    const checked = await checkLeaseRequests(this.#deps, requests);
    for (const [index, poll] of lost.entries()) {
      const now = checked[index];
      if (!now || now instanceof QgjobError) poll.answer(rejected(now));
      else if ('leaseId' in now) poll.answer(fulfilled(await this.#readLease(poll.requester)));
      // The device is in another pool by now; its agent requests again.
      else if (now.requester.poolId !== poll.requester.poolId) poll.answer(fulfilled(undefined));
      else {
        if (!now.requester.isFit) passedOver.add(poll);
        poll.leaseFailed();
      }
    }
  }

  #readLease = async (key: LeaseOfDevice) => (await readLeases(this.#deps, [key])).get(key.deviceId);

  /**
   * New requests, and those whose lease may or may not be written, get the error; the others wait for the next plan.
   */
  #fail(polls: readonly LeasePoll[], error: unknown): void {
    const refused = polls.filter(({ state }) => state === 'new' || state === 'leasing');
    for (const poll of refused) poll.answer(rejected(error));
    if (refused.length === 0) this.#onError(error);
  }
}
