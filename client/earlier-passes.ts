import { QgjobError } from '../protocol/errors.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import type { Client } from './client.ts';
import { waitForRun } from './wait.ts';

/** The part of a job that says which one of its submit it is. */
type JobName = Pick<Job, 'test_path' | 'target'>;

const nameOf = ({ test_path, target }: JobName): string => JSON.stringify([test_path, target]);

/**
 * The jobs of a submit that passed in earlier attempts of its GitHub job and so are not in `run`, whose own jobs are `jobs`:
 * `run.passed_before` of them, fewer where an earlier run is deleted already. `wanted`: all jobs of the submit. Errors: the
 * server's, the reason of the signal.
 */
export async function readEarlierPasses(
  client: Client,
  { run, jobs }: { readonly run: Run; readonly jobs: readonly Job[] },
  wanted: readonly JobName[],
  signal?: AbortSignal,
): Promise<Job[]> {
  const open = new Set(wanted.map(nameOf));
  for (const job of jobs) open.delete(nameOf(job));
  const found: Job[] = [];
  let { passed_before: before, retry_of: id }: Pick<Run, 'passed_before' | 'retry_of'> = run;
  while (before > 0 && id !== null && found.length < run.passed_before) {
    // Only the newest result of a job counts: it is looked for no further.
    const earlier = await readRun(client, id, signal);
    if (!earlier) break;
    for (const job of earlier.jobs) if (open.delete(nameOf(job)) && job.status === 'passed') found.push(job);
    ({ passed_before: before, retry_of: id } = earlier.run);
  }
  return found;
}

async function readRun(
  client: Client,
  id: string,
  signal: AbortSignal | undefined,
): Promise<{ run: Run; jobs: Job[] } | undefined> {
  try {
    // What is not final by now is not waited for.
    const { run, jobs } = await waitForRun(client, id, { timeoutMs: 1, signal });
    return { run, jobs: [...jobs.values()] };
  } catch (error) {
    if (error instanceof QgjobError && error.code === 'not_found') return undefined;
    throw error;
  }
}
