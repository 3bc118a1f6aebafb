import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Agent, Device, Group, PageQuery } from '../../../protocol/shapes/fleet.ts';
import { whyBenched } from '../attempts/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { type Page, toPage } from '../store/page.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { deviceStatus, isOnline } from './device-may.ts';

async function readPage<T>(
  deps: Deps,
  query: PageQuery,
  sql: string,
  args: (string | number | null)[],
  map: (row: Row) => T,
): Promise<Page<T>> {
  const limit = query.limit ?? limits.pageSize;
  // ?1 is the cursor, ?2 the size of the page and one more, ?3 the offset; the values of the statement itself follow.
  const found = await deps.sql.read(`${sql} LIMIT ?2 OFFSET ?3`, [
    query.cursor ?? '',
    limit + 1,
    query.offset ?? 0,
    ...args,
  ]);
  const { rows, nextCursor } = toPage(found, limit, ({ cursor }) => String(cursor));
  return { rows: rows.map(map), nextCursor };
}

/** The org whose rows are listed, beside the shared ones; null lists all. */
const scopeOf = (query: PageQuery, viewer: Viewer) => viewer.orgId ?? query.org_id ?? null;

/** An agent heard at or after `?4` is online. */
export const selectAgents = `SELECT a.*, a.id AS cursor, CASE
    WHEN a.last_seen_at < ?4 THEN 'offline' WHEN a.drain = 1 THEN 'draining' ELSE 'online' END AS status,
    (SELECT json_group_array(d.id) FROM devices d WHERE d.agent_id = a.id AND d.listed = 1) AS device_ids
  FROM agents a`;

export function listAgents(deps: Deps, query: PageQuery, viewer: Viewer): Promise<Page<Agent>> {
  const sql = `${selectAgents} WHERE a.id > ?1 AND (?5 IS NULL OR a.owner IN (?5, '')) ORDER BY a.id`;
  const args = [onlineSince(deps), scopeOf(query, viewer)];
  return readPage(deps, query, sql, args, toAgent);
}

/** One agent as the list shows it. Errors: `not_found`. */
export async function readAgent(deps: Deps, id: string): Promise<Agent> {
  const args = [id, null, null, onlineSince(deps)];
  const [row] = await deps.sql.read(`${selectAgents} WHERE a.id = ?1`, args);
  if (!row) throw new QgjobError('not_found', `no agent ${id}`);
  return toAgent(row);
}

export const toAgent = (row: Row): Agent => ({
  agent_id: String(row.id),
  name: String(row.name),
  version: String(row.version),
  status: row.status as Agent['status'],
  devices: JSON.parse(String(row.device_ids)),
  last_seen_at: toInstant(Number(row.last_seen_at)),
  drain: row.drain === 1,
});

/** `?5` is now; an agent heard at or after `?6` is online. */
const selectDevices = `SELECT d.id, d.id AS cursor, d.agent_id, d.name, d.target, d.owner,
    ${deviceStatus('?5', '?6')} AS status, d.fault, d.blame, d.strikes, d.strike_error, d.benched_until,
    g.org_id AS installed_org, g.app_version_id AS installed_app, l.id AS lease_id, l.org_id AS lease_org,
    (SELECT j.id FROM jobs j WHERE j.lease_id = l.id AND j.status = 'running' LIMIT 1) AS job_id,
    w.id AS borrow_id, w.org_id AS borrow_org, w.borrowed_by, w.until AS borrowed_until, w.note AS borrow_note
  FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
    LEFT JOIN groups g ON g.id = d.installed_group_id
    LEFT JOIN leases l ON l.device_id = d.id AND l.state = 'active'
    LEFT JOIN borrows w ON w.device_id = d.id AND w.status = 'active'`;

/** Which devices are listed; absent: all. */
export interface DeviceFilters extends PageQuery {
  readonly target?: string | undefined;
  readonly status?: Device['status'] | undefined;
}

/** Devices of the org and shared ones. The lease of another org on a shared device is not shown. */
export function listDevices(deps: Deps, query: DeviceFilters, viewer: Viewer): Promise<Page<Device>> {
  const sql = `${selectDevices} WHERE d.id > ?1 AND (?4 IS NULL OR d.owner IN (?4, ''))
    AND (?7 IS NULL OR d.target = ?7) AND (?8 IS NULL OR ${deviceStatus('?5', '?6')} = ?8) ORDER BY d.id`;
  const scope = [scopeOf(query, viewer), deps.now(), onlineSince(deps)];
  const args = [...scope, query.target ?? null, query.status ?? null];
  return readPage(deps, query, sql, args, (row) => toDevice(row, viewer));
}

/** One device as the list shows it: one of the viewer's org, or a shared one. Errors: `not_found`. */
export async function readDevice(deps: Deps, id: string, viewer: Viewer): Promise<Device> {
  const args = [id, null, null, null, deps.now(), onlineSince(deps)];
  const [row] = await deps.sql.read(`${selectDevices} WHERE d.id = ?1`, args);
  // By the row's owner: an org may be called as the list calls shared devices.
  if (!row || (row.owner !== '' && !maySee(viewer, String(row.owner))))
    throw new QgjobError('not_found', `no device ${id}`);
  return toDevice(row, viewer);
}

function toDevice(row: Row, viewer: Viewer): Device {
  const seesLease = maySee(viewer, row.lease_org as string | null);
  const seesInstalled = row.installed_org !== null && maySee(viewer, String(row.installed_org));
  return {
    device_id: String(row.id),
    agent_id: String(row.agent_id),
    name: String(row.name),
    target: String(row.target),
    owner: String(row.owner) || 'shared',
    status: row.status as Device['status'],
    status_reason: row.status === 'benched' ? reasonOf(row, viewer) : null,
    installed: seesInstalled
      ? { org_id: String(row.installed_org), app_version_id: String(row.installed_app) }
      : null,
    lease_id: seesLease ? (row.lease_id as string | null) : null,
    job_id: seesLease ? (row.job_id as string | null) : null,
    ...borrowOf(row, viewer),
  };
}

/** Until when it is borrowed is no secret; who has it, and for what, is one of the org that borrowed it. */
function borrowOf(row: Row, viewer: Viewer) {
  const sees = row.borrow_id !== null && maySee(viewer, String(row.borrow_org));
  return {
    borrowed_by: sees ? String(row.borrowed_by) : null,
    borrowed_until: toInstantOrNull(row.borrowed_until as number | null),
    borrow_note: sees ? (row.borrow_note as string | null) : null,
    borrow_id: sees ? String(row.borrow_id) : null,
  };
}

/** What its agent finds wrong is no secret: it speaks of the device alone. The text of the last error is for the device's owner: on a shared device it may be of another org's test. */
function reasonOf(row: Row, viewer: Viewer): string {
  if (row.fault !== null) return String(row.fault);
  if (row.blame !== null) return String(row.blame);
  const error = maySee(viewer, String(row.owner)) ? (row.strike_error as string | null) : null;
  return whyBenched(Number(row.strikes), Number(row.benched_until), error);
}

/** The groups with queued or leased jobs. */
export function listGroups(deps: Deps, query: PageQuery, viewer: Viewer): Promise<Page<Group>> {
  const sql = `SELECT g.*, printf('%015d', g.id) AS cursor,
      (SELECT json_group_array(d.id) FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
        WHERE d.installed_group_id = g.id AND ${isOnline('?5')}) AS device_ids,
      (SELECT min(b.submitted_at) FROM batches b WHERE b.group_id = g.id AND b.queued > 0) AS oldest,
      (SELECT max(b.priority) FROM batches b WHERE b.group_id = g.id AND b.queued > 0) AS priority
    FROM groups g
    WHERE g.queued + g.leased > 0 AND g.id > CAST('0' || ?1 AS INTEGER) AND (?4 IS NULL OR g.org_id = ?4) ORDER BY g.id`;
  const args = [scopeOf(query, viewer), onlineSince(deps)];
  return readPage(deps, query, sql, args, (row) => ({
    org_id: String(row.org_id),
    app_version_id: String(row.app_version_id),
    target: String(row.target),
    queued: Number(row.queued),
    running: Number(row.leased),
    devices: JSON.parse(String(row.device_ids)),
    oldest_submitted_at: toInstantOrNull(row.oldest as number | null),
    priority: row.priority as number | null,
  }));
}
