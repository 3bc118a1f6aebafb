import { setTimeout as sleep } from 'node:timers/promises';
import { type JobArtifacts, listArtifacts } from '../../client/artifacts/list-artifacts.ts';
import type { Client } from '../../client/index.ts';
import type { Job } from '../../protocol/shapes/job.ts';

const pauseMs = 1000;
const mostPauses = 30;
/** Of jobs that ended so long before the last one, agents have sent everything. */
const recentMs = 30_000;

/**
 * The artifacts of these jobs. Agents upload them after the verdict, so those of the jobs that ended last are read until a
 * second brings nothing new. Errors: those of the server, the reason of the signal.
 */
export async function listSettled(
  client: Client,
  jobs: readonly Job[],
  signal: AbortSignal,
): Promise<readonly JobArtifacts[]> {
  const known = new Map((await listArtifacts(client, jobs, { signal })).map((one) => [one.job.job_id, one]));
  const recent = endedLast(jobs);
  let count = countOf(known);
  for (let pauses = 0; recent.length > 0 && pauses < mostPauses; pauses += 1) {
    await sleep(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    for (const one of await listArtifacts(client, recent, { signal })) known.set(one.job.job_id, one);
    const before = count;
    count = countOf(known);
    if (count === before) break;
  }
  return [...known.values()];
}

/** By the server's clock alone. */
function endedLast(jobs: readonly Job[]): Job[] {
  const endOf = ({ finished_at: at }: Job): number => (at === null ? 0 : Date.parse(at));
  const last = jobs.reduce((most, job) => Math.max(most, endOf(job)), 0);
  return jobs.filter((job) => job.attempt > 0 && endOf(job) > last - recentMs);
}

const countOf = (known: ReadonlyMap<string, JobArtifacts>): number =>
  [...known.values()].reduce((sum, { artifacts }) => sum + artifacts.length, 0);
