import type { PollOptions } from '../queue/dispatch/index.ts';
import type { WakeUpKey, WakeUps } from '../queue/store/wake-ups.ts';

/**
 * Answers the first look that satisfies, or the last one after `waitMs`. It listens before it looks, so that what
 * happens in between is not missed.
 */
export async function longPoll<T>(
  wakeUps: WakeUps,
  key: WakeUpKey,
  { waitMs, signal, recheck }: PollOptions,
  look: () => Promise<T>,
  satisfies: (found: T) => boolean,
): Promise<T> {
  const sleeper = wakeUps.listen(key);
  const deadline = performance.now() + waitMs;
  try {
    for (;;) {
      const found = await look();
      const left = deadline - performance.now();
      if (satisfies(found) || left <= 0 || signal.aborted || wakeUps.stopped) return found;
      await sleeper.wait(left, signal);
      await recheck();
    }
  } finally {
    sleeper.close();
  }
}
