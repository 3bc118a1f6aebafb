import type { Client } from '../../client/index.ts';
import { limits } from '../../protocol/limits.ts';
import type { Job } from '../../protocol/shapes/job.ts';

/** Every dead letter of the org, or of all that the token sees, newest first, page by page. */
async function* readDeadLetters(client: Client, orgId: string | undefined): AsyncGenerator<Job> {
  let cursor: string | undefined;
  do {
    const query = { org_id: orgId, limit: limits.maxPageSize, cursor };
    const page = await client.call('listDeadLetters', { query });
    yield* page.jobs;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/** The same in one array. */
export async function readAllDeadLetters(client: Client, orgId: string | undefined): Promise<Job[]> {
  const letters: Job[] = [];
  for await (const letter of readDeadLetters(client, orgId)) letters.push(letter);
  return letters;
}

/** Whether a job that ended red is a dead letter: no retry has taken it up. */
export async function isDeadLetter(client: Client, { job_id: id, org_id: orgId }: Job): Promise<boolean> {
  for await (const letter of readDeadLetters(client, orgId)) if (letter.job_id === id) return true;
  return false;
}

/** False for jobs that are not final, passed or were cancelled: those are no dead letters. */
export const endedRed = (job: Job): boolean => job.status === 'failed' || job.status === 'errored';
