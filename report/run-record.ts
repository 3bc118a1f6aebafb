import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';

/** What is known of the run: the newest answer, and its jobs in the order of the submit. */
export interface RunRecord {
  readonly run: Run;
  readonly jobs: readonly Job[];
  /** Jobs of the submit that passed in an earlier attempt of the workflow, and are not in the run. */
  readonly earlier?: readonly Job[];
}
