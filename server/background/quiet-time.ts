import type { Deps } from '../queue/store/deps.ts';

export interface QuietOptions {
  /** How long whoever could not be heard has to speak again, ms. */
  readonly ms: number;
  /** How often the loop looks, ms. */
  readonly intervalMs: number;
  readonly monotonic: () => number;
}

/**
 * For loops that act on whoever was not heard for long: while the server was down, stood still or its database took no
 * write, nobody could be heard. Asked once in each pass; true: do nothing yet. It knows of its own process alone: where
 * another server of the database was up meanwhile, that one has heard whoever spoke, and does not wait.
 */
export function createQuietTime(deps: Deps, { ms, intervalMs, monotonic }: QuietOptions): () => boolean {
  let lastPass = monotonic();
  let quietUntil = lastPass + ms;
  const beQuiet = (): void => {
    quietUntil = monotonic() + ms;
  };
  deps.sql.onTrouble(beQuiet);
  deps.onClockJump?.(beQuiet);
  return () => {
    const now = monotonic();
    // A pass that comes this late means that the whole process was suspended.
    if (now - lastPass > intervalMs * 3) quietUntil = now + ms;
    lastPass = now;
    return now < quietUntil;
  };
}
