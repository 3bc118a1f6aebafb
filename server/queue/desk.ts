import { QgjobError } from '../../protocol/errors.ts';
import type { Lease } from '../../protocol/shapes/agent.ts';
import type { Deps } from './deps.ts';
import type { Doorbell } from './doorbell.ts';
import { type Ask, type Asked, findAskers } from './find-askers.ts';
import { type PlannedLease, planLeases } from './plan-leases.ts';
import { readLeases } from './read-lease.ts';
import { writeLeases } from './take-lease.ts';
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

const roundsPerMatch = 4;

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

  /** `onError` is told what went wrong for those that wait on. */
  constructor(deps: Deps, bell: Doorbell, onError: (error: unknown) => void) {
    this.#deps = deps;
    this.#bell = bell;
    this.#onError = onError;
  }

  /** As `takeLease`, held until there is something for the device; undefined after `waitMs`, or at a stop. */
  async ask(ask: Ask, patience: Patience): Promise<Lease | undefined> {
    const asked = await this.#deps.together.run(this.#deps, findMany, ask);
    if ('leaseId' in asked) return (await readLeases(this.#deps, [asked.leaseId])).get(asked.leaseId);
    if (patience.signal.aborted || this.#bell.stopped) return undefined;
    const { asker } = asked;
    // A device that asks anew has given up its last ask.
    this.#rooms.get(asker.poolId)?.waiters.get(asker.deviceId)?.end();
    const room = this.#enter(asker.poolId);
    const waiter = new Waiter(ask, asker, patience, () => this.#leave(asker.poolId, waiter));
    room.waiters.set(asker.deviceId, waiter);
    room.fresh.push(waiter);
    void this.#match(asker.poolId, room);
    return waiter.answered;
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
    if (room?.waiters.get(waiter.asker.deviceId) === waiter) room.waiters.delete(waiter.asker.deviceId);
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

  async #matchOnce(poolId: number, asked: readonly Waiter[]): Promise<void> {
    for (let n = 0; n < roundsPerMatch; n += 1) {
      const open = new Map(asked.filter((one) => one.isOpen).map((one) => [one.asker.leaseId, one]));
      if (open.size === 0) return;
      const askers = [...open.values()].map((one) => one.asker);
      const plan = await planLeases(this.#deps, poolId, askers);
      const lost = await this.#lease(plan.leases, open);
      if (plan.leases.length === 0 || (lost === 0 && !plan.isCut)) return;
    }
  }

  /** Makes leases and answers with them; answers how many of them did not come to be. */
  async #lease(planned: readonly PlannedLease[], open: ReadonlyMap<string, Waiter>): Promise<number> {
    const chosen = planned.flatMap(({ asker }) => open.get(asker.leaseId) ?? []);
    await Promise.all(chosen.map((waiter) => waiter.confirm()));
    // Nobody may go away between here and the write: its lease would have no one.
    const sure = planned.filter(({ asker }) => open.get(asker.leaseId)?.take());
    const made = await writeLeases(this.#deps, sure);
    for (const [leaseId, lease] of made) open.get(leaseId)?.answer(fulfilled(lease));
    const lost = sure.flatMap(({ asker }) =>
      made.has(asker.leaseId) ? [] : (open.get(asker.leaseId) ?? []),
    );
    await this.#reconsider(lost);
    return planned.length - made.size;
  }

  /** Those that the write passed over: the work was gone, or something has become of the device or its agent. */
  async #reconsider(lost: readonly Waiter[]): Promise<void> {
    if (lost.length === 0) return;
    const found = await findAskers(
      this.#deps,
      lost.map((one) => one.ask),
    );
    for (const [index, waiter] of lost.entries()) {
      const asked = found[index];
      if (asked instanceof QgjobError) waiter.answer(rejected(asked));
      else waiter.giveBack();
    }
  }

  /** Those that just came are told; the others wait for the next look. */
  #fail(asked: readonly Waiter[], error: unknown): void {
    for (const waiter of asked) {
      if (waiter.isHeld) waiter.giveBack();
      else waiter.answer(rejected(error));
    }
    if (asked.every((waiter) => waiter.isHeld)) this.#onError(error);
  }
}
