import type { Row } from '@libsql/client';
import { limits } from '../../protocol/limits.ts';
import { type Candidate, choose } from '../policy/choose.ts';
import { chunkSize } from '../policy/fill-lease.ts';
import { unknownSetupMs } from '../policy/weigh.ts';
import type { Deps } from './deps.ts';
import { orgMay } from './org-may.ts';
import { readPool } from './read-pool.ts';
import type { DeviceRow } from './rows.ts';

/** What a take should try to lease. */
export interface Choice {
  /** The chosen batch first, then those of its group that may ride along. */
  readonly batchIds: readonly number[];
  /** Jobs to lease, at most. */
  readonly size: number;
  /** The device serves what is overdue from now on. */
  readonly pin: boolean;
}

/**
 * True for a queued job `j` that device ?1 may have now (?2): a job that avoids it has to wait for another device of
 * the pool ?4, as long as there is one that could come (heard since ?3).
 */
export const mayHave = `(j.avoid_device IS NOT ?1 OR j.avoid_until <= ?2 OR NOT EXISTS (
  SELECT 1 FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
  WHERE d.pool_id = ?4 AND d.id <> ?1 AND d.listed = 1 AND d.paused_at IS NULL
    AND coalesce(d.quarantined_until, 0) <= ?2 AND a.drain = 0 AND a.last_seen_at >= ?3))`;

const isOpen = `b.pool_id = ?4 AND b.queued > 0 AND ${orgMay} AND b.id NOT IN (SELECT value FROM json_each(?6))
  AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id AND j.status = 'queued' AND ${mayHave})`;

// Only who could take it holds it: a device of the same pool, fit for work, that not every queued job of the batch
// avoids. Else the batch would wait for a device that never comes.
const columns = `b.id AS batch_id, b.group_id, b.tag, b.due_at, b.weight, b.guessed, b.source_hash, b.framework,
  g.queued AS jobs, g.queued_ms AS work_ms, g.setup_ms,
  (SELECT count(*) FROM devices h CROSS JOIN agents a ON a.id = h.agent_id
    WHERE h.installed_group_id = b.group_id AND h.pool_id = b.pool_id AND h.listed = 1
      AND h.paused_at IS NULL AND coalesce(h.quarantined_until, 0) <= ?2 AND a.drain = 0 AND a.last_seen_at >= ?3
      AND EXISTS (SELECT 1 FROM jobs j WHERE j.batch_id = b.id AND j.status = 'queued'
        AND (j.avoid_device IS NOT h.id OR j.avoid_until <= ?2))) AS holders`;

const from = 'FROM batches b CROSS JOIN groups g ON g.id = b.group_id CROSS JOIN orgs o ON o.id = b.org_id';

/** SEARCH b USING INDEX batches_warm (group_id=?): what the device has installed. */
export const warmSql = `SELECT ${columns} ${from} WHERE b.group_id = ?5 AND ${isOpen} ORDER BY b.tag LIMIT 1`;

/** SEARCH b USING INDEX batches_cold (pool_id=?): the lowest rank of what no device holds. */
export const freeSql = `SELECT ${columns} ${from}
  WHERE b.held = 0 AND b.group_id IS NOT ?5 AND ${isOpen} ORDER BY b.tag LIMIT 1`;

/** SEARCH b USING INDEX batches_due (pool_id=? AND due_at<?): the earliest due of what no device holds. */
export const dueSql = `SELECT ${columns} ${from}
  WHERE b.held = 0 AND b.due_at < ?2 AND b.group_id IS NOT ?5 AND ${isOpen} ORDER BY b.due_at LIMIT 1`;

/** One look-up for each group that a device of the pool has installed: no more than there are devices. */
export const heldSql = `SELECT ${columns}
  FROM (SELECT DISTINCT installed_group_id AS group_id FROM devices
      WHERE pool_id = ?4 AND installed_group_id IS NOT NULL AND installed_group_id IS NOT ?5) f
    CROSS JOIN batches b ON b.id = (SELECT b.id ${from} WHERE b.group_id = f.group_id AND ${isOpen} ORDER BY b.tag LIMIT 1)
    CROSS JOIN groups g ON g.id = b.group_id`;

/** SEARCH b USING INDEX batches_warm (group_id=?): the batches of one group that may share a lease. */
export const followersSql = `SELECT b.id FROM batches b
  WHERE b.group_id = ?1 AND b.pool_id = ?2 AND b.queued > 0 AND b.source_hash = ?3 AND b.framework = ?4 AND b.id <> ?5
  ORDER BY b.tag LIMIT ${limits.jobsPerLease - 1}`;

/** SEARCH j USING INDEX jobs_batch (batch_id=?), in the order of the index. */
export const estimatesSql = `SELECT j.estimate_ms FROM jobs j WHERE j.batch_id = ? AND j.status = 'queued'
  ORDER BY j.estimate_ms DESC LIMIT ${limits.jobsPerLease}`;

/**
 * The batch that a free device should take from, without those that just proved to hold nothing for it. Undefined when
 * it should stay idle. Reads only.
 */
export async function chooseBatch(
  deps: Deps,
  device: DeviceRow,
  without: readonly number[],
): Promise<Choice | undefined> {
  const now = deps.now();
  const since = now - deps.settings.leaseTtlMs;
  const args = [device.id, now, since, device.poolId, device.installedGroupId, JSON.stringify(without)];
  const pool = await readPool(deps, device);
  const [warm] = device.installedGroupId === null ? [] : await deps.gate.read(warmSql, args);
  const [unserved] = await deps.gate.read(dueSql, args);
  const [free] = await deps.gate.read(freeSql, args);
  const cold = [...(await deps.gate.read(heldSql, args)), ...(free ? [free] : [])];
  const answer = choose({
    now,
    isPinned: device.pinned === 1,
    pool,
    warm: warm && toCandidate(warm),
    unserved: unserved && toCandidate(unserved),
    cold: cold.map(toCandidate).sort((a, b) => a.tag - b.tag),
  });
  const row = [warm, unserved, ...cold].find((one) => one?.batch_id === answer?.candidate.batchId);
  return answer && row && fillLease(deps, device, row, answer.pin);
}

/** Fills the lease from the chosen batch, then from the group's next ones of the same source and framework. */
async function fillLease(deps: Deps, device: DeviceRow, batch: Row, pin: boolean): Promise<Choice> {
  const followers = await deps.gate.read(followersSql, [
    batch.group_id as number,
    device.poolId,
    batch.source_hash as string,
    batch.framework as string,
    batch.batch_id as number,
  ]);
  const batchIds: number[] = [];
  const estimates: number[] = [];
  for (const id of [batch.batch_id, ...followers.map((row) => row.id)].map(Number)) {
    batchIds.push(id);
    estimates.push(...(await deps.gate.read(estimatesSql, [id])).map((row) => Number(row.estimate_ms)));
    if (estimates.length > chunkSize(estimates, limits.jobsPerLease)) break;
  }
  return { batchIds, size: chunkSize(estimates, limits.jobsPerLease), pin };
}

export const toCandidate = (row: Row): Candidate => ({
  batchId: Number(row.batch_id),
  groupId: Number(row.group_id),
  tag: Number(row.tag),
  dueAt: Number(row.due_at),
  weight: Number(row.weight),
  holders: Number(row.holders),
  jobs: Number(row.jobs),
  workMs: Number(row.work_ms),
  // Guess against guess: a measured install of a few ms beside guessed tests would make every split look free.
  setupMs: Math.max(Number(row.setup_ms ?? unknownSetupMs), row.guessed === 1 ? unknownSetupMs : 0),
});
