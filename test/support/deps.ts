import type { Store } from '../../server/db/open-store.ts';
import type { Deps } from '../../server/queue/deps.ts';
import { Together } from '../../server/queue/together.ts';

/** What the queue's verbs are given in tests: a store, and a clock that only the test moves. No jitter. */
export function makeDeps(
  { db, gate }: Pick<Store, 'db' | 'gate'>,
  now: () => number,
  settings: Partial<Deps['settings']> = {},
): Deps {
  return {
    db,
    gate,
    now,
    random: () => 0.5,
    together: new Together(),
    settings: {
      leaseTtlMs: 60_000,
      heartbeatMs: 15_000,
      maxRetries: 3,
      defaultTarget: 'emulator',
      publicUrl: 'http://qgjob.test',
      ...settings,
    },
  };
}
