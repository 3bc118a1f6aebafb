import type { Statement } from '../../db/statement.ts';
import { lentNow, poolsChanged } from '../store/lent-devices.ts';
import { newId } from '../store/new-id.ts';
import type { AttemptEnd } from './end-attempts.ts';

/**
 * Where the run asked for that (`hold_minutes`): the device of a job that has failed for good in this write is borrowed as it
 * is, in the name of the run's token. One device of a run at a time, else all devices of a pool would soon be held.
 */
export function holdDevice({ job, leaseId }: AttemptEnd, now: number): Statement[] {
  const id = newId('borrow');
  return [
    {
      sql: `INSERT INTO borrows (id, org_id, pool_id, target, wanted_device, device_id, status, minutes, note, borrowed_by, token_id, run_id, job_id,
              requested_at, granted_at, until)
            SELECT ?1, j.org_id, d.pool_id, d.target, d.id, d.id, 'active', r.settings ->> 'hold_minutes',
              'held after ' || substr(j.test_path, -200) || ' failed', coalesce((SELECT t.name FROM tokens t WHERE t.id = r.submitted_by), 'a token'), r.submitted_by,
              r.id, j.id, ?4, ?4, ?4 + (r.settings ->> 'hold_minutes') * 60000
            FROM jobs j CROSS JOIN runs r ON r.id = j.run_id CROSS JOIN devices d ON d.id = j.device_id
            WHERE j.id = ?2 AND j.status = 'failed' AND j.finalized_at = ?4 AND r.settings ->> 'hold_minutes' IS NOT NULL
              AND NOT EXISTS (SELECT 1 FROM jobs o WHERE o.lease_id = ?3)
              AND NOT EXISTS (SELECT 1 FROM borrows w WHERE w.device_id = d.id AND w.status = 'active')
              AND NOT EXISTS (SELECT 1 FROM borrows w WHERE w.run_id = r.id AND w.status = 'active')`,
      args: [id, job.id, leaseId, now],
    },
    lentNow([id], now),
    poolsChanged([id], now),
  ];
}
