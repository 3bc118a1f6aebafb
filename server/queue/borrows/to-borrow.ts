import type { Row } from '@libsql/client';
import type { Borrow } from '../../../protocol/shapes/borrow.ts';
import { deviceStatus } from '../fleet/index.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';

const whileWaiting = (sql: string) => `CASE WHEN w.status = 'waiting' THEN ${sql} END`;

/**
 * Borrows `w` with their devices, and for those that wait what came before. `?1` is now; an agent heard at or after `?2` is
 * online. SEARCH b USING INDEX batches_arrived (pool_id=?), SEARCH o USING INDEX borrows_waiting (pool_id=?)
 */
export const selectBorrows = `SELECT w.*, d.id AS its_device, d.name AS device_name, d.agent_id, a.name AS agent_name,
    d.platform, d.os_version, d.labels, ${whileWaiting(deviceStatus('?1', '?2'))} AS device_status,
    x.until AS lent_until, x.org_id AS lent_org, x.borrowed_by AS lent_to,
    ${whileWaiting(`(SELECT coalesce(sum(b.queued), 0) FROM batches b
      WHERE b.pool_id = w.pool_id AND b.queued > 0 AND b.submitted_at <= w.requested_at)`)} AS jobs_before,
    ${whileWaiting(`(SELECT count(*) FROM borrows o WHERE o.pool_id = w.pool_id AND o.status = 'waiting'
      AND (o.requested_at, o.id) < (w.requested_at, w.id)
      AND (w.wanted_device IS NULL OR o.wanted_device IS NULL OR o.wanted_device = w.wanted_device))`)} AS borrows_before
  FROM borrows w LEFT JOIN devices d ON d.id = coalesce(w.device_id, w.wanted_device)
    LEFT JOIN agents a ON a.id = d.agent_id
    LEFT JOIN leases l ON w.status = 'waiting' AND l.device_id = d.id AND l.state = 'active'
    LEFT JOIN borrows x ON w.status = 'waiting' AND x.device_id = d.id AND x.status = 'active'`;

/** `viewer` sees it already; who has the device that it waits for is said only where he may see that too. */
export const toBorrow = (row: Row, viewer: Viewer): Borrow => ({
  borrow_id: String(row.id),
  org_id: String(row.org_id) || null,
  status: row.status as Borrow['status'],
  ended_as: row.ended_as as Borrow['ended_as'],
  target: String(row.target),
  device_id: (row.device_id ?? row.wanted_device) as string | null,
  device: deviceOf(row),
  borrowed_by: String(row.borrowed_by),
  note: row.note as string | null,
  minutes: Number(row.minutes),
  run_id: row.run_id as string | null,
  job_id: row.job_id as string | null,
  requested_at: toInstant(Number(row.requested_at)),
  borrowed_at: toInstantOrNull(row.granted_at as number | null),
  borrowed_until: toInstantOrNull(row.until as number | null),
  ended_at: toInstantOrNull(row.ended_at as number | null),
  position: row.status === 'waiting' ? Number(row.jobs_before) + Number(row.borrows_before) + 1 : null,
  waits_for: row.status === 'waiting' ? whatFor(row, viewer) : null,
});

const deviceOf = (row: Row): Borrow['device'] =>
  row.its_device === null
    ? null
    : {
        device_id: String(row.its_device),
        name: String(row.device_name),
        agent_id: String(row.agent_id),
        agent: String(row.agent_name),
        platform: row.platform as string | null,
        os_version: row.os_version as string | null,
        labels: JSON.parse(String(row.labels)),
      };

function whatFor(row: Row, viewer: Viewer): string {
  const { device_name: name, device_status: status } = row;
  if (status === 'borrowed') return `${name} is borrowed${untilOf(row)}${byOf(row, viewer)}`;
  if (status === 'offline' || status === 'paused') return `${name} is ${status}`;
  const jobs = Number(row.jobs_before);
  const others = Number(row.borrows_before);
  if (jobs > 0) return `${jobs} queued ${jobs === 1 ? 'job' : 'jobs'} came before`;
  if (others > 0)
    return `${others} ${others === 1 ? 'other waits' : 'others wait'} for a device too, since earlier`;
  return name === null
    ? `no device of ${row.target} is free`
    : `${name} is ${status === 'busy' ? 'running a test' : 'not free'}`;
}

const untilOf = ({ lent_until: until }: Row): string =>
  until === null ? '' : ` until ${toInstant(Number(until)).slice(11, 16)} UTC`;

const byOf = ({ lent_org: org, lent_to: by }: Row, viewer: Viewer): string =>
  org !== null && maySee(viewer, String(org)) ? ` by ${by}` : '';
