import type { Blobs } from '../blobs/open-blobs.ts';

/** Deletes the logs and artifacts of a job, with `before` only where they are older (epoch ms). Answers their bytes. */
export async function removeFiles(
  { logs, artifacts }: Blobs,
  jobId: string,
  before?: number,
): Promise<number> {
  const freed = await Promise.all([logs.jobs.remove(jobId, before), artifacts.jobs.remove(jobId, before)]);
  return freed[0] + freed[1];
}
