import type { BellKey, Doorbell } from '../queue/doorbell.ts';
import type { Patience } from '../queue/waiter.ts';

/**
 * Answers the first look that satisfies, or the last one after `waitMs`. It listens before it looks, so that what
 * happens in between is not missed.
 */
export async function hold<T>(
  bell: Doorbell,
  key: BellKey,
  { waitMs, signal, recheck }: Patience,
  look: () => Promise<T>,
  satisfies: (found: T) => boolean,
): Promise<T> {
  const ear = bell.listen(key);
  const deadline = performance.now() + waitMs;
  try {
    for (;;) {
      const found = await look();
      const left = deadline - performance.now();
      if (satisfies(found) || left <= 0 || signal.aborted || bell.stopped) return found;
      await ear.wait(left, signal);
      await recheck();
    }
  } finally {
    ear.close();
  }
}
