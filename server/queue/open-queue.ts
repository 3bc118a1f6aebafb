import { type DatabasePlace, openStore } from '../db/open-store.ts';
import type { Store } from '../db/store.ts';
import type { CommitEnd } from '../db/write-queue.ts';
import { endEmptyLeases } from './leases/index.ts';
import { concludeRuns, dropExcuses, stopFailedRuns } from './runs/index.ts';
import { countOfBatches, countOfGroups, countOfRuns, markCounted } from './store/counters.ts';

/**
 * The last statements of every commit in which jobs may have changed their state (docs/decisions/0001). The order counts:
 * `stopFailedRuns` changes jobs, which the others count; `dropExcuses` and `concludeRuns` read what `countOfRuns` has written, and `markCounted` is the last.
 */
export const commitEnd: CommitEnd = {
  isNeeded: ({ sql }) => /\bUPDATE jobs\b/.test(sql),
  statements: [
    stopFailedRuns,
    countOfRuns,
    dropExcuses,
    concludeRuns,
    countOfBatches,
    countOfGroups,
    endEmptyLeases,
    markCounted,
  ],
};

/** Opens the database of a queue. Errors: those of `openStore`. */
export const openQueue = (place: DatabasePlace, { isUsed = false, migrates = true } = {}): Promise<Store> =>
  openStore(place, { isUsed, migrates, commitEnd });
