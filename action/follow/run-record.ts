import type { Job } from '../../protocol/shapes/job.ts';
import type { Run, SubmitAnswer } from '../../protocol/shapes/run.ts';
import type { RunRecord } from '../../report/run-record.ts';

/**
 * How the step's own part ended. `submitted`: it did not wait. `final`: the run has its verdict. `timed_out`: the wait
 * ended before that. `stopped`: the workflow was cancelled. `lost`: the server did not answer any more.
 */
export type Ending = 'submitted' | 'final' | 'timed_out' | 'stopped' | 'lost';

export const newRecord = ({ run, jobs }: SubmitAnswer): RunRecord => ({ run, jobs });

export function updateRecord(record: RunRecord, run: Run, jobs: ReadonlyMap<string, Job>): RunRecord {
  const known = new Set(record.jobs.map(({ job_id: id }) => id));
  const more = [...jobs.values()].filter(({ job_id: id }) => !known.has(id));
  return { ...record, run, jobs: [...record.jobs.map((job) => jobs.get(job.job_id) ?? job), ...more] };
}
