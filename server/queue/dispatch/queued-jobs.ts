import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { jobEstimateMs } from './guesses.ts';
import type { PoolSnapshot } from './pool-snapshot.ts';

/** A queued job, with its batch. */
export interface QueuedJob {
  readonly seq: number;
  readonly estimateMs: number;
  /** The device that it avoids now. */
  readonly avoids: string | null;
  readonly orgId: string;
  readonly batchId: number;
  readonly tag: number;
  readonly dueAt: number;
  readonly weight: number;
  readonly sourceHash: string;
  readonly framework: string;
  /** It gets a lease of its own. */
  readonly isLone: boolean;
}

type QueuedJobItem = [
  ...[seq: number, estimateMs: number, avoids: string | null, orgId: string, batchId: number],
  ...[tag: number, dueAt: number, weight: number, sourceHash: string, framework: string, lone: number],
];

/**
 * SEARCH b USING INDEX batches_warm (group_id=?), SEARCH j USING INDEX jobs_batch (batch_id=?); both give the order.
 */
const jobsSql = listOf(
  `json_array(seq, estimate_ms, avoids, org_id, id, tag, due_at, weight, source_hash, framework, lone)`,
  `FROM (SELECT j.seq, ${jobEstimateMs} AS estimate_ms, CASE WHEN j.avoid_until > ?3 THEN j.avoid_device END AS avoids, b.org_id, b.id, b.tag,
    b.due_at, b.weight, b.source_hash, b.framework, b.lone
  FROM batches b CROSS JOIN orgs o ON o.id = b.org_id CROSS JOIN jobs j ON j.batch_id = b.id AND j.status = 'queued'
  WHERE b.group_id = ?1 AND b.pool_id = ?2 AND b.queued > 0 AND (?4 IS NULL OR b.id = ?4)
    AND (?5 IS NULL OR j.avoid_device IS NOT ?5 OR j.avoid_until <= ?3)
    AND (?7 IS NULL OR b.source_hash NOT IN (SELECT value FROM json_each(?7)))
  ORDER BY b.tag, b.id, j.sort_key LIMIT ?6)`,
);

export interface WantedJobs {
  readonly groupId: number;
  readonly batchId: number | null;
  readonly forDevice: string | null;
  readonly busySources: readonly string[];
}

/**
 * The first `most` queued jobs of a group: lowest tag first, then by their places in the batch. Of one batch alone where
 * `batchId` is given; without the jobs that avoid `forDevice` where that is given, and without those of `busySources`.
 */
export async function readQueuedJobs(
  deps: Deps,
  { poolId, now }: Pick<PoolSnapshot, 'poolId' | 'now'>,
  { groupId, batchId, forDevice, busySources }: WantedJobs,
  most: number,
): Promise<QueuedJob[]> {
  const busy = busySources.length === 0 ? null : JSON.stringify(busySources);
  const args = [groupId, poolId, now, batchId, forDevice, most, busy];
  return (await readList<QueuedJobItem>(deps, jobsSql, args)).map(toQueuedJob);
}

function toQueuedJob([seq, estimateMs, avoids, orgId, batchId, ...batch]: QueuedJobItem): QueuedJob {
  const [tag, dueAt, weight, sourceHash, framework, lone] = batch;
  const isLone = lone === 1;
  return { seq, estimateMs, avoids, orgId, batchId, tag, dueAt, weight, sourceHash, framework, isLone };
}
