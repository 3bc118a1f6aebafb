import type { Row } from '@libsql/client';
import { limits } from '../../protocol/limits.ts';
import { type Candidate, choose, chunkSize } from '../policy/choose.ts';
import type { Deps } from './deps.ts';
import type { DeviceRow } from './rows.ts';

/** What a take should try to lease. */
export interface Choice {
  readonly groupId: number;
  readonly batchId: number;
  readonly jobIds: readonly string[];
}

const candidateColumns = `b.id AS batch_id, b.group_id, b.tag, b.source_hash, b.framework,
  g.queued AS group_queued, g.queued_ms AS group_queued_ms, g.setup_ms,
  (SELECT count(*) FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
    WHERE d.installed_group_id = b.group_id AND d.id <> ?1 AND d.listed = 1 AND a.last_seen_at >= ?2) AS holders`;

// The org may not lease: paused, or at its cap. Asked here and, exactly, by the take.
const orgMay = `o.paused_at IS NULL AND (o.max_leases IS NULL OR
  (SELECT count(*) FROM leases l WHERE l.org_id = o.id AND l.state = 'active') < o.max_leases)`;

const from = 'FROM batches b CROSS JOIN groups g ON g.id = b.group_id CROSS JOIN orgs o ON o.id = b.org_id';

/** SEARCH batches USING INDEX batches_warm (group_id=?) */
const warmSql = `SELECT ${candidateColumns} ${from}
  WHERE b.group_id = ?3 AND b.pool_id = ?4 AND b.queued > 0 AND ${orgMay}
    AND b.id NOT IN (SELECT value FROM json_each(?5)) ORDER BY b.tag LIMIT 1`;

/** SEARCH batches USING INDEX batches_cold (pool_id=?), cut off after a few dozen of the lowest tags. */
const coldSql = `SELECT ${candidateColumns} ${from}
  WHERE b.pool_id = ?4 AND b.queued > 0 AND b.group_id IS NOT ?3 AND ${orgMay}
    AND b.id NOT IN (SELECT value FROM json_each(?5)) ORDER BY b.tag LIMIT 64`;

/** The batches of one group that may ride in one lease, the chosen one first. */
const followersSql = `SELECT b.id FROM batches b
  WHERE b.group_id = ?1 AND b.pool_id = ?2 AND b.queued > 0 AND b.source_hash = ?3 AND b.framework = ?4
  ORDER BY b.tag LIMIT 16`;

/** SEARCH jobs USING INDEX jobs_batch (batch_id=?). A device that a job avoids takes it only when nobody else can. */
const jobsSql = `SELECT j.id, j.estimate_ms FROM jobs j
  WHERE j.batch_id = ?1 AND j.status = 'queued' AND (
    j.avoid_device IS NOT ?2 OR j.avoid_until <= ?3 OR NOT EXISTS (
      SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
      WHERE d.pool_id = ?4 AND d.id <> ?2 AND d.listed = 1 AND d.paused_at IS NULL
        AND coalesce(d.quarantined_until, 0) <= ?3 AND a.last_seen_at >= ?5))
  ORDER BY j.estimate_ms DESC LIMIT ?6`;

/**
 * The jobs that a free device should take, without the batches that just proved to hold none. Undefined when it should
 * stay idle. Reads only.
 */
export async function chooseJobs(
  deps: Deps,
  device: DeviceRow,
  without: readonly number[],
): Promise<Choice | undefined> {
  const onlineSince = deps.now() - deps.settings.leaseTtlMs;
  const args = [device.id, onlineSince, device.installedGroupId, device.poolId, JSON.stringify(without)];
  const [warm] = device.installedGroupId === null ? [] : await deps.gate.read(warmSql, args);
  const cold = warm ? [] : await deps.gate.read(coldSql, args);
  const chosen = choose({ warm: warm && toCandidate(warm), cold: cold.map(toCandidate) });
  if (!chosen) return undefined;
  const row = [warm, ...cold].find((one) => one?.batch_id === chosen.batchId);
  const jobIds = row ? await pickJobs(deps, device, row, onlineSince) : [];
  return { groupId: chosen.groupId, batchId: chosen.batchId, jobIds };
}

/** Fills the chunk from the chosen batch, then from the group's next ones of the same source and framework. */
async function pickJobs(deps: Deps, device: DeviceRow, batch: Row, onlineSince: number): Promise<string[]> {
  const most = limits.jobsPerLease;
  const followers = await deps.gate.read(followersSql, [
    batch.group_id as number,
    device.poolId,
    batch.source_hash as string,
    batch.framework as string,
  ]);
  const batchIds = [batch.batch_id, ...followers.map((row) => row.id).filter((id) => id !== batch.batch_id)];
  const found: { id: string; estimateMs: number }[] = [];
  for (const batchId of batchIds) {
    const size = chunkSize(
      found.map((job) => job.estimateMs),
      most,
    );
    if (found.length > size || found.length >= most) break;
    const args = [batchId as number, device.id, deps.now(), device.poolId, onlineSince, most - found.length];
    const rows = await deps.gate.read(jobsSql, args);
    found.push(...rows.map((row) => ({ id: String(row.id), estimateMs: Number(row.estimate_ms) })));
    if (batchId === batch.batch_id && found.length === 0) return [];
  }
  return found
    .slice(
      0,
      chunkSize(
        found.map((job) => job.estimateMs),
        most,
      ),
    )
    .map((job) => job.id);
}

const toCandidate = (row: Row): Candidate => ({
  batchId: Number(row.batch_id),
  groupId: Number(row.group_id),
  tag: Number(row.tag),
  holders: Number(row.holders),
  groupQueued: Number(row.group_queued),
  groupQueuedMs: Number(row.group_queued_ms),
  setupMs: row.setup_ms === null ? undefined : Number(row.setup_ms),
});
