import { statfs } from 'node:fs/promises';
import { QgjobError } from '../protocol/errors.ts';

/** A submit does not look again within this time, in ms. */
const keptMs = 1000;

const nearlyFull = 'the disk of the database is nearly full: new runs are put off, those under way go on';

/**
 * What refuses new work while the disk of a folder has fewer free bytes than `least`: what is left is for the verdicts of jobs
 * under way. It answers that refusal, `unavailable`. A disk that cannot say refuses nothing, the write itself will.
 */
export function createRoomCheck(folder: string, least: number): () => Promise<QgjobError | undefined> {
  let last: Promise<number> | undefined;
  let lookedAt = 0;
  const look = (): Promise<number> => {
    if (last && performance.now() - lookedAt < keptMs) return last;
    lookedAt = performance.now();
    last = statfs(folder).then(
      ({ bavail, bsize }) => bavail * bsize,
      () => Number.POSITIVE_INFINITY,
    );
    return last;
  };
  return async () => ((await look()) < least ? new QgjobError('unavailable', nearlyFull) : undefined);
}
