import { pruneUnused, unusedKinds } from '../queue/retention/index.ts';
import type { Deps } from '../queue/store/deps.ts';

interface Parts {
  readonly deps: Deps;
  /** How long finished runs are kept; undefined: for ever, and with them all else. In ms. */
  readonly keepMs: number | undefined;
  /** Monotonic, in ms. */
  readonly monotonic: () => number;
}

const dayMs = 24 * 3_600_000;
/** What may be of use longer than runs: so many times, and at least so long. */
const factor = 3;
const leastMs = 90 * dayMs;
/** Not at the start: a server has other things to do then. */
const firstAfterMs = 15 * 60_000;
const rowsPerStep = 500;

/** Looks once a day at what belongs to no run, and deletes what nobody has used for long. */
export class UnusedPruner {
  readonly #parts: Parts;
  #nextAt: number;
  /** Where the look that is under way goes on. */
  #place: { readonly kind: number; readonly from: number } | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#nextAt = parts.monotonic() + firstAfterMs;
  }

  /** Looks at some rows. False: nothing is due. */
  async step(): Promise<boolean> {
    const { deps, keepMs, monotonic } = this.#parts;
    if (keepMs === undefined || (!this.#place && monotonic() < this.#nextAt)) return false;
    const { kind: at, from } = this.#place ?? { kind: 0, from: 0 };
    const kind = unusedKinds[at];
    if (kind === undefined) {
      this.#place = undefined;
      this.#nextAt = monotonic() + dayMs;
      return false;
    }
    const ended = deps.now() - keepMs;
    const used = deps.now() - Math.max(factor * keepMs, leastMs);
    const next = await pruneUnused(deps, kind, { ended, used, from, most: rowsPerStep });
    this.#place = next === undefined ? { kind: at + 1, from: 0 } : { kind: at, from: next };
    return true;
  }
}
