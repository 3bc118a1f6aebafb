import type { PollOptions } from '../queue/dispatch/index.ts';
import { whyEnded } from '../queue/store/ended-call.ts';
import type { WakeUpKey, WakeUps } from '../queue/store/wake-ups.ts';

/**
 * Reads again at every wake-up; answers the first result that satisfies, or the last one after `waitMs`. It listens
 * before it reads, so that nothing is missed in between. Errors: `unauthorized` once the caller's token has ended.
 */
export async function longPoll<T>(
  wakeUps: WakeUps,
  key: WakeUpKey,
  { waitMs, signal, recheck }: PollOptions,
  read: () => Promise<T>,
  satisfies: (found: T) => boolean,
): Promise<T> {
  const listener = wakeUps.listen(key);
  const deadline = performance.now() + waitMs;
  try {
    for (;;) {
      const found = await read();
      const ended = whyEnded(signal);
      if (ended) throw ended;
      const left = deadline - performance.now();
      if (satisfies(found) || left <= 0 || signal.aborted || wakeUps.stopped) return found;
      await listener.wait(left, signal);
      await recheck();
    }
  } finally {
    listener.close();
  }
}
