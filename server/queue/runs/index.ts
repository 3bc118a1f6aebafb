// What clients read, cancel and retry: what the callers of the queue may use of this room.
export { cancelJob, cancelRun } from './cancel-runs.ts';
export { concludeRuns } from './conclude-runs.ts';
export { listDeadLetters } from './dead-letters.ts';
export { explainJob } from './explain-job.ts';
export { listJobs, listRuns } from './list-runs.ts';
export { findRun, readRun } from './read-run.ts';
export { readStats } from './read-stats.ts';
export { retryJob, retryRun } from './retry-runs.ts';
export { runsOf } from './runs-of.ts';
export { stopFailedRuns } from './stop-failed-runs.ts';
export { cancelUnwatched, endWatch, goneAfterMs, noteWatch } from './watched-runs.ts';
