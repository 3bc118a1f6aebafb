import type { Client } from '../../client/index.ts';
import { Turns } from '../../client/turns.ts';
import { limits } from '../../protocol/limits.ts';
import type { Artifact } from '../../protocol/shapes/artifact.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { NamedId } from '../ids.ts';
import { readRun } from '../read-run.ts';

/** A job and what its attempts left, in the order in which it came. */
export interface JobArtifacts {
  readonly job: Job;
  readonly artifacts: readonly Artifact[];
}

/** A run may have thousands of jobs: so many are asked for at once. */
const atOnce = 8;

/** The artifacts of a job, or of all jobs of a run. `attempt`: of that one alone. Errors: `not_found`. */
export async function listArtifacts(
  client: Client,
  { id, kind }: NamedId,
  attempt?: number,
): Promise<JobArtifacts[]> {
  const jobs =
    kind === 'run' ? (await readRun(client, id)).jobs : [await client.call('getJob', { params: { id } })];
  const turns = new Turns(atOnce);
  return Promise.all(
    // Without an attempt there is nothing to ask for.
    jobs.map(async (job) => ({
      job,
      artifacts: job.attempt === 0 ? [] : await turns.run(() => listOfJob(client, job.job_id, attempt)),
    })),
  );
}

/** The same for one job by its id. */
export async function listOfJob(client: Client, jobId: string, attempt?: number): Promise<Artifact[]> {
  const artifacts: Artifact[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: limits.maxPageSize, ...(cursor !== undefined && { cursor }) };
    const page = await client.call('listArtifacts', { params: { id: jobId }, query });
    artifacts.push(...page.artifacts);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return artifacts.filter((one) => attempt === undefined || one.attempt === attempt);
}
