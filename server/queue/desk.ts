import { QgjobError } from '../../protocol/errors.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Deps } from './deps.ts';
import type { Doorbell } from './doorbell.ts';
import { type Ask, type Asked, type Asker, findAskers } from './find-askers.ts';
import { type PlannedLease, planLeases } from './plan-leases.ts';
import { type LeaseOfDevice, readLeases } from './read-lease.ts';
import { giveBack } from './release-lease.ts';
import { writeLeases } from './take-sql.ts';
import { fulfilled, type ManyVerb, rejected } from './together.ts';
import { type Patience, Waiter } from './waiter.ts';

/** The devices of a pool that wait. */
interface Room {
  /** By device. */
  readonly waiters: Map<string, Waiter>;
  /** Those that nobody has looked at yet. */
  fresh: Waiter[];
  hasRung: boolean;
  isBusy: boolean;
  readonly leave: () => void;
}

const lostRoundsPerMatch = 4;

const findMany: ManyVerb<Ask, Asked> = async (deps, asks) =>
  (await findAskers(deps, asks)).map((one) => (one instanceof QgjobError ? rejected(one) : fulfilled(one)));

/**
 * Where devices ask for work and wait for it. What happens in a pool is looked at once for all that wait there, and not
 * by each of them: a hundred idle devices cost a submit hardly more than one does.
 */
export class Desk {
  readonly #deps: Deps;
  readonly #bell: Doorbell;
  readonly #onError: (error: unknown) => void;
  readonly #rooms = new Map<number, Room>();
  /** Who is held, by device. */
  readonly #waiting = new Map<string, Waiter>();

  /** `onError` is told what went wrong for those that wait on. */
  constructor(deps: Deps, bell: Doorbell, onError: (error: unknown) => void) {
    this.#deps = deps;
    this.#bell = bell;
    this.#onError = onError;
  }

  /**
   * Leases a few queued jobs of one group to a free device under the id that its agent chose, held until there are some;
   * undefined after `waitMs`, or at a stop. The same id again answers the same lease while it lives.
   * Errors: `not_found` (device, foreign lease), `replaced`, `lease_lost` (the id's lease has ended), `conflict` with
   * `details.lease_id` (the device has a live lease of another id).
   */
  async ask(ask: Ask, patience: Patience): Promise<Lease | undefined> {
    const { asker, lease } = await this.#look(ask);
    if (!asker || patience.signal.aborted || this.#bell.stopped) return lease;
    // A device that asks anew has given up its last ask.
    this.#waiting.get(asker.deviceId)?.end();
    const room = this.#enter(asker.poolId);
    const waiter = new Waiter(ask, asker, patience, () => this.#leave(asker.poolId, waiter));
    this.#waiting.set(asker.deviceId, waiter);
    room.waiters.set(asker.deviceId, waiter);
    room.fresh.push(waiter);
    void this.#match(asker.poolId, room);
    return waiter.answered;
  }

  /** Who asks, or the lease that it has under this id; of its last ask nothing is under way any more. */
  async #look(ask: Ask): Promise<{ asker?: Asker; lease?: Lease | undefined }> {
    const find = () => this.#deps.together.run(this.#deps, findMany, ask);
    let asked = await find();
    const last = this.#waiting.get(ask.input.device_id);
    if (last?.isTaking) {
      await last.answered.catch(() => undefined);
      asked = await find();
    }
    if ('asker' in asked) return asked;
    return { lease: await this.#read({ leaseId: asked.leaseId, deviceId: ask.input.device_id }) };
  }

  #enter(poolId: number): Room {
    const known = this.#rooms.get(poolId);
    if (known) return known;
    const leave = this.#bell.subscribe(`pool:${poolId}`, () => this.#rung(poolId, room));
    const room: Room = { waiters: new Map(), fresh: [], hasRung: false, isBusy: false, leave };
    this.#rooms.set(poolId, room);
    return room;
  }

  #leave(poolId: number, waiter: Waiter): void {
    const room = this.#rooms.get(poolId);
    const { deviceId } = waiter.asker;
    if (this.#waiting.get(deviceId) === waiter) this.#waiting.delete(deviceId);
    if (room?.waiters.get(deviceId) === waiter) room.waiters.delete(deviceId);
    if (room?.waiters.size !== 0) return;
    this.#rooms.delete(poolId);
    room.leave();
  }

  #rung(poolId: number, room: Room): void {
    if (this.#bell.stopped) {
      for (const waiter of room.waiters.values()) waiter.end();
      return;
    }
    room.hasRung = true;
    void this.#match(poolId, room);
  }

  /** One match of a room at a time; what comes meanwhile is the next one's. */
  async #match(poolId: number, room: Room): Promise<void> {
    if (room.isBusy) return;
    room.isBusy = true;
    // The other asks and rings of this moment come in first.
    await Promise.resolve();
    while (room.hasRung || room.fresh.length > 0) {
      const asked = room.hasRung ? [...room.waiters.values()] : room.fresh;
      room.hasRung = false;
      room.fresh = [];
      await this.#matchOnce(poolId, asked).catch((error) => this.#fail(asked, error));
      for (const waiter of asked) waiter.hold();
    }
    room.isBusy = false;
  }

  /** Until nobody gets anything more, or others were quicker too often. */
  async #matchOnce(poolId: number, asked: readonly Waiter[]): Promise<void> {
    const passedOver = new Set<Waiter>();
    for (let lostRounds = 0; lostRounds < lostRoundsPerMatch; ) {
      const open = asked.filter((one) => one.isOpen && !passedOver.has(one));
      if (open.length === 0) return;
      const askers = open.map((one) => one.asker);
      const plan = await planLeases(this.#deps, poolId, askers);
      const made = await this.#lease(plan.leases, open, passedOver);
      if (made < plan.leases.length) lostRounds += 1;
      else if (made === 0 || !plan.isCut) return;
    }
  }

  /** Makes leases and answers with them; answers how many came to be. */
  async #lease(
    planned: readonly PlannedLease[],
    open: readonly Waiter[],
    passedOver: Set<Waiter>,
  ): Promise<number> {
    const byDevice = new Map(open.map((one) => [one.asker.deviceId, one]));
    const waiterOf = ({ asker }: PlannedLease) => byDevice.get(asker.deviceId);
    await Promise.all(planned.map((one) => waiterOf(one)?.confirm()));
    const sure = planned.filter((one) => waiterOf(one)?.take());
    const made = await writeLeases(this.#deps, sure);
    const lost: Waiter[] = [];
    for (const waiter of sure.flatMap((one) => waiterOf(one) ?? [])) {
      const lease = made.get(waiter.asker.deviceId);
      if (!lease) lost.push(waiter);
      else if (waiter.isGone) await this.#takeBack(waiter, lease);
      else waiter.answer(fulfilled(lease));
    }
    await this.#reconsider(lost, passedOver);
    return made.size;
  }

  /** Its caller went away while the lease was written: nobody would work it off until the rescue. */
  async #takeBack(waiter: Waiter, lease: Lease): Promise<void> {
    // First: who asks again under the same id must not be given what is being taken back.
    await this.#deps.gate.write(giveBack(lease.lease_id, this.#deps.now())).catch(this.#onError);
    waiter.answer(fulfilled(undefined));
  }

  /** Those that the write passed over: the work was gone, or something has become of the device or its agent. */
  async #reconsider(lost: readonly Waiter[], passedOver: Set<Waiter>): Promise<void> {
    if (lost.length === 0) return;
    const asks = lost.map((one) => one.ask);
    const found = await findAskers(this.#deps, asks);
    for (const [index, waiter] of lost.entries()) {
      const asked = found[index];
      if (!asked || asked instanceof QgjobError) waiter.answer(rejected(asked));
      else if ('leaseId' in asked) waiter.answer(fulfilled(await this.#read(waiter.asker)));
      // It serves another pool by now: its agent asks again.
      else if (asked.asker.poolId !== waiter.asker.poolId) waiter.answer(fulfilled(undefined));
      else {
        if (!asked.asker.isFree) passedOver.add(waiter);
        waiter.giveBack();
      }
    }
  }

  async #read(key: LeaseOfDevice): Promise<Lease | undefined> {
    return (await readLeases(this.#deps, [key])).get(key.deviceId);
  }

  /** Those that just came, or whose lease may be there or not, are told; the others wait for the next look. */
  #fail(asked: readonly Waiter[], error: unknown): void {
    const told = asked.filter((waiter) => !waiter.isHeld || waiter.isTaking);
    for (const waiter of told) waiter.answer(rejected(error));
    if (told.length === 0) this.#onError(error);
  }
}
