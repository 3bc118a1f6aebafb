import { limits } from '../../protocol/limits.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Client } from '../client.ts';
import { Turns } from '../turns.ts';

/** A job and what its attempts left, in the order in which it came. */
export interface JobArtifacts {
  readonly job: Job;
  readonly artifacts: readonly Artifact[];
}

/** A run may have thousands of jobs: so many are asked for at once. */
const atOnce = 8;

/** What is asked for: of one attempt alone; `signal` ends it. */
export interface ListOptions {
  readonly attempt?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The artifacts of these jobs. Errors: `not_found`. */
export async function listArtifacts(
  client: Client,
  jobs: readonly Job[],
  options: ListOptions = {},
): Promise<JobArtifacts[]> {
  const turns = new Turns(atOnce);
  return Promise.all(
    // Without an attempt there is nothing to ask for.
    jobs.map(async (job) => ({
      job,
      artifacts: job.attempt === 0 ? [] : await turns.run(() => listOfJob(client, job.job_id, options)),
    })),
  );
}

/** The same for one job by its id. */
export async function listOfJob(
  client: Client,
  jobId: string,
  { attempt, signal }: ListOptions = {},
): Promise<Artifact[]> {
  const artifacts: Artifact[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: limits.maxPageSize, ...(cursor !== undefined && { cursor }) };
    const page = await client.call('listArtifacts', {
      params: { id: jobId },
      query,
      ...(signal && { signal }),
    });
    artifacts.push(...page.artifacts);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return artifacts.filter((one) => attempt === undefined || one.attempt === attempt);
}
