import type { Store } from '../../server/db/open-store.ts';
import { Coalescer } from '../../server/queue/store/coalescer.ts';
import type { Deps } from '../../server/queue/store/deps.ts';

/** What the queue's verbs are given in tests: a store, and a clock that only the test moves. No jitter. */
export function makeDeps(
  { db, sql }: Pick<Store, 'db' | 'sql'>,
  now: () => number,
  settings: Partial<Deps['settings']> = {},
): Deps {
  return {
    db,
    sql,
    now,
    random: () => 0.5,
    coalescer: new Coalescer(),
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
