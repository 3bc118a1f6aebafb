import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, createClient } from '../../client/index.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { type Clients, callMs } from './clients.ts';

const lookEveryMs = 500;

/** All jobs of all orgs, by the operator's token. */
export async function readAllJobs(client: Client): Promise<Job[]> {
  const jobs: Job[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('listJobs', { query: { limit: 500, cursor }, timeoutMs: callMs });
    jobs.push(...page.jobs);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return jobs;
}

/** True when every job is final, and there are any. */
export const areFinal = (jobs: readonly Job[]): boolean =>
  jobs.length > 0 && jobs.every((job) => isFinal(job.status));

/** Looks at all jobs, straight at the server, again and again until nobody waits any more. */
export async function watchJobs({ setup, observations, over }: Clients): Promise<void> {
  const client = createClient({ url: setup.lab.url, token: setup.lab.token }, { forMs: 0 });
  while (!over.aborted) {
    // While the server is away there is nothing to see.
    const jobs = await readAllJobs(client).catch(() => []);
    observations.add(jobs);
    await sleep(lookEveryMs, undefined, { signal: over }).catch(() => undefined);
  }
}
