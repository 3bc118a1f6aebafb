import type { ArtifactLimits, ArtifactStore } from '../blobs/artifact-store.ts';

/** Bytes of each job, by its lease, that uploads under way may still write, by store. */
const reserved = new WeakMap<object, Map<string, number>>();

/**
 * Does the work of an upload with the limits that other uploads of the same job leave it, so that many at once cannot write
 * more than the job may have. `size`: as declared; undefined takes what one file may have.
 */
export async function inRoomOfJob<T>(
  { limits }: Pick<ArtifactStore, 'limits'>,
  key: string,
  size: number | undefined,
  work: (limits: ArtifactLimits) => Promise<T>,
): Promise<T> {
  const jobs = reserved.get(limits) ?? new Map<string, number>();
  reserved.set(limits, jobs);
  const others = jobs.get(key) ?? 0;
  // What declares more than that is refused.
  const own = Math.min(size ?? limits.fileBytes, limits.fileBytes);
  jobs.set(key, others + own);
  try {
    return await work({ ...limits, jobBytes: limits.jobBytes - others });
  } finally {
    const left = (jobs.get(key) ?? own) - own;
    if (left > 0) jobs.set(key, left);
    else jobs.delete(key);
  }
}
