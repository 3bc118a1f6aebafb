import type { Client } from '../../client/index.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Counts } from '../../protocol/shapes/run.ts';
import { totalOf } from '../output/counts.ts';

/** One call, which makes one new run: of everything in a run that did not pass, or of one job. */
export interface PlannedRetry {
  readonly route: 'retryRun' | 'retryJob';
  readonly id: string;
  readonly jobs: number;
}

// Above every rev: the counts of a run are asked for, not its jobs.
const noJobs = { after_rev: 999_999_999_999 };

/** The calls that run these jobs of one run again, and nothing else: as one new run where that is possible. */
export async function planRetries(
  client: Client,
  runId: string,
  jobs: readonly Job[],
): Promise<PlannedRetry[]> {
  const { counts } = await client.call('getRun', { params: { id: runId }, query: noJobs });
  if (isAllThatDidNotPass(counts, jobs.length)) return [{ route: 'retryRun', id: runId, jobs: jobs.length }];
  return jobs.map((job) => ({ route: 'retryJob', id: job.job_id, jobs: 1 }));
}

// The jobs are some of those that did not pass, so an equal number means that they are all of them.
const isAllThatDidNotPass = (counts: Counts, jobs: number): boolean =>
  totalOf(counts) - counts.passed === jobs;

/** Jobs by their run, the oldest run first; `jobs` are newest first, as lists are. */
export function groupByRun(jobs: readonly Job[]): Map<string, Job[]> {
  const groups = new Map<string, Job[]>();
  for (const job of [...jobs].reverse()) {
    const group = groups.get(job.run_id);
    if (group) group.push(job);
    else groups.set(job.run_id, [job]);
  }
  return groups;
}
