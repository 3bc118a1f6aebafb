// What clients read, cancel and retry: what the callers of the queue may use of this room.
export { cancelJob, cancelRun, isCancelled } from './cancel-runs.ts';
export { type Changed, type Comparison, compareRuns } from './compare-runs.ts';
export { concludeRuns } from './conclude-runs.ts';
export { listDeadLetters } from './dead-letters.ts';
export { dropExcuses } from './drop-excuses.ts';
export { explainJob } from './explain-job.ts';
export { listRunJobs, type RunJob, type RunJobsQuery } from './list-run-jobs.ts';
export { listJobs, listRuns } from './list-runs.ts';
export { namesOfDevices } from './names-of-devices.ts';
export { findRun, readRun } from './read-run.ts';
export { readStats } from './read-stats.ts';
export { mostTimelineJobs, readTimeline, type TimelineBar, type TimelineLane } from './read-timeline.ts';
export { reproduceJob } from './reproduce-job.ts';
export { retryJob, retryRun } from './retry-runs.ts';
export { runsOf } from './runs-of.ts';
export { stopFailedRuns } from './stop-failed-runs.ts';
export { cancelUnwatched, endWatch, goneAfterMs, noteWatch } from './watched-runs.ts';
