import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { QgjobError } from '../protocol/errors.ts';
import { readAdminToken } from './admin-token.ts';
import { createLoop, type Loop } from './background/loop.ts';
import { createClock, createSharedClock } from './clock.ts';
import type { ServerConfig } from './config.ts';
import { databasePlace } from './database-settings.ts';
import type { Store } from './db/store.ts';
import { newestInstant } from './queue/leases/index.ts';
import { openQueue } from './queue/open-queue.ts';
import type { Deps } from './queue/store/deps.ts';

/** Makes the data folder and opens the database (`migrates`: see `StoreOptions`). Errors: those of `openStore`; `invalid` for a folder of no use. */
export async function openDatabase(config: ServerConfig, { migrates = true } = {}): Promise<Store> {
  const given = databasePlace(config);
  const place = typeof given === 'string' ? resolve(given) : given;
  try {
    // Logs and the database are for the owner alone.
    mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
    const isUsed = config.database_url === undefined && readAdminToken(config.data_dir) !== '';
    return await openQueue(place, { isUsed, migrates });
  } catch (error) {
    if (error instanceof QgjobError) throw error;
    const database = typeof place === 'string' ? ` with the database ${place}` : '';
    throw new QgjobError('invalid', `cannot use ${config.data_dir}${database}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** A reading that may be wrong by more is not used, ms. */
const mostOffMs = 250;

export type QueueClock = Pick<Deps, 'now' | 'onClockJump'>;

/** The clock of a file is that of this host; that of a database of several servers is the database's. */
export async function openClock(
  store: Store,
  onError: (error: unknown) => void,
): Promise<{ readonly clock: QueueClock; readonly loops: Loop[] }> {
  const newest = await newestInstant(store);
  const { readClock } = store;
  if (!readClock) return { clock: { now: createClock(newest) }, loops: [] };
  const readings = [await readClock(), await readClock(), await readClock()];
  const [best = { at: 0, offByMs: 0 }] = readings.toSorted((a, b) => a.offByMs - b.offByMs);
  const last = readings.at(-1) ?? best;
  // The best of three, unless a slow one shows that time has passed since.
  const shared = createSharedClock(Math.max(best.at, last.at - last.offByMs), newest);
  const correct = createLoop({
    name: 'clock',
    intervalMs: 30_000,
    now: shared.now,
    onError,
    work: async () => {
      const { at, offByMs } = await readClock();
      // A slow answer says less than this host's own clock does.
      if (offByMs <= mostOffMs) shared.correct(at);
    },
  });
  return { clock: { now: shared.now, onClockJump: shared.onJump }, loops: [correct] };
}
