import type { Job } from '../../protocol/shapes/job.ts';
import type { Run, SubmitAnswer } from '../../protocol/shapes/run.ts';

/** How the step's own part ended. `final`: the run has its verdict. */
export type Ending = 'submitted' | 'final' | 'timed_out' | 'stopped' | 'lost';

/** What is known of the run: the newest answer, and the jobs in the order in which they were submitted. */
export interface RunRecord {
  readonly run: Run;
  readonly jobs: readonly Job[];
}

export const newRecord = ({ run, jobs }: SubmitAnswer): RunRecord => ({ run, jobs });

export function updateRecord(record: RunRecord, run: Run, jobs: ReadonlyMap<string, Job>): RunRecord {
  return { run, jobs: record.jobs.map((job) => jobs.get(job.job_id) ?? job) };
}
