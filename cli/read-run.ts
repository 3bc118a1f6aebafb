import type { Client } from '../client/index.ts';
import type { Job } from '../protocol/shapes/job.ts';
import type { Run } from '../protocol/shapes/run.ts';
import type { NamedId } from './ids.ts';

/** A run with all its jobs, page by page. Errors: `not_found`. */
export async function readRun(client: Client, id: string): Promise<{ run: Run; jobs: Job[] }> {
  const jobs = new Map<string, Job>();
  let afterRev = 0;
  for (;;) {
    const answer = await client.call('getRun', { params: { id }, query: { after_rev: afterRev } });
    const { jobs: page, more, ...run } = answer;
    for (const job of page) jobs.set(job.job_id, job);
    if (!more) return { run, jobs: [...jobs.values()] };
    afterRev = page.at(-1)?.rev ?? afterRev;
  }
}

/** The jobs of a run, or the one that is named. Errors: `not_found`. */
export const readJobs = async (client: Client, { id, kind }: NamedId): Promise<Job[]> =>
  kind === 'run' ? (await readRun(client, id)).jobs : [await client.call('getJob', { params: { id } })];
