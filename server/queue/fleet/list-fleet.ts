import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Agent, Device, Group, PageQuery } from '../../../protocol/shapes/fleet.ts';
import { whyBenched } from '../attempts/index.ts';
import type { Deps } from '../store/deps.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

/** A page of rows, and where the next one begins. */
interface Page<T> {
  readonly rows: T[];
  readonly nextCursor: string | null;
}

async function readPage<T>(
  deps: Deps,
  query: PageQuery,
  sql: string,
  args: (string | number | null)[],
  map: (row: Row) => T,
): Promise<Page<T>> {
  const limit = query.limit ?? limits.pageSize;
  // ?1 is where the page before ended, ?2 the page's size; what else the statement needs follows.
  const rows = await deps.sql.read(`${sql} LIMIT ?2 OFFSET ?3`, [
    query.cursor ?? '',
    limit + 1,
    query.offset ?? 0,
    ...args,
  ]);
  const page = rows.slice(0, limit);
  return { rows: page.map(map), nextCursor: rows.length > limit ? String(page.at(-1)?.cursor) : null };
}

/** Null sees all; an org sees its own and the shared ones. */
const scopeOf = (query: PageQuery, viewer: Viewer) => viewer.orgId ?? query.org_id ?? null;

/** `?4` is since when an agent counts as online. */
const selectAgents = `SELECT a.*, a.id AS cursor, CASE
    WHEN a.last_seen_at < ?4 THEN 'offline' WHEN a.drain = 1 THEN 'draining' ELSE 'online' END AS status,
    (SELECT json_group_array(d.id) FROM devices d WHERE d.agent_id = a.id AND d.listed = 1) AS device_ids
  FROM agents a`;

export function listAgents(deps: Deps, query: PageQuery, viewer: Viewer): Promise<Page<Agent>> {
  const sql = `${selectAgents} WHERE a.id > ?1 AND (?5 IS NULL OR a.owner IN (?5, '')) ORDER BY a.id`;
  const args = [deps.now() - deps.settings.leaseTtlMs, scopeOf(query, viewer)];
  return readPage(deps, query, sql, args, toAgent);
}

/** One agent as the list shows it. Errors: `not_found`. */
export async function readAgent(deps: Deps, id: string): Promise<Agent> {
  const since = deps.now() - deps.settings.leaseTtlMs;
  const [row] = await deps.sql.read(`${selectAgents} WHERE a.id = ?1`, [id, null, null, since]);
  if (!row) throw new QgjobError('not_found', `no agent ${id}`);
  return toAgent(row);
}

const toAgent = (row: Row): Agent => ({
  agent_id: String(row.id),
  name: String(row.name),
  version: String(row.version),
  status: row.status as Agent['status'],
  devices: JSON.parse(String(row.device_ids)),
  last_seen_at: toInstant(Number(row.last_seen_at)),
  drain: row.drain === 1,
});

/** What a device does now, in one word; `?5` is now, `?6` since when an agent counts as online. */
const deviceStatus = `CASE
  WHEN d.listed = 0 OR a.last_seen_at < ?6 THEN 'offline'
  WHEN d.paused_at IS NOT NULL THEN 'paused'
  WHEN coalesce(d.benched_until, 0) > ?5 THEN 'benched'
  WHEN l.id IS NOT NULL THEN 'busy' ELSE 'idle' END`;

const selectDevices = `SELECT d.id, d.id AS cursor, d.agent_id, d.name, d.target, d.owner, ${deviceStatus} AS status,
    d.strikes, d.strike_error, d.benched_until,
    g.org_id AS installed_org, g.app_version_id AS installed_app, l.id AS lease_id, l.org_id AS lease_org,
    (SELECT j.id FROM jobs j WHERE j.lease_id = l.id AND j.status = 'running' LIMIT 1) AS job_id
  FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
    LEFT JOIN groups g ON g.id = d.installed_group_id
    LEFT JOIN leases l ON l.device_id = d.id AND l.state = 'active'`;

/** Devices of the org and shared ones; what another org runs on a shared one is not shown. */
export function listDevices(deps: Deps, query: PageQuery, viewer: Viewer): Promise<Page<Device>> {
  const now = deps.now();
  const sql = `${selectDevices} WHERE d.id > ?1 AND (?4 IS NULL OR d.owner IN (?4, '')) ORDER BY d.id`;
  const args = [scopeOf(query, viewer), now, now - deps.settings.leaseTtlMs];
  return readPage(deps, query, sql, args, (row) => toDevice(row, viewer));
}

/** One device as the list shows it. Errors: `not_found`. */
export async function readDevice(deps: Deps, id: string, viewer: Viewer): Promise<Device> {
  const now = deps.now();
  const args = [id, null, null, null, now, now - deps.settings.leaseTtlMs];
  const [row] = await deps.sql.read(`${selectDevices} WHERE d.id = ?1`, args);
  if (!row) throw new QgjobError('not_found', `no device ${id}`);
  return toDevice(row, viewer);
}

function toDevice(row: Row, { orgId }: Viewer): Device {
  const mayLease = orgId === undefined || row.lease_org === orgId;
  const mayInstalled = row.installed_org !== null && (orgId === undefined || row.installed_org === orgId);
  return {
    device_id: String(row.id),
    agent_id: String(row.agent_id),
    name: String(row.name),
    target: String(row.target),
    owner: String(row.owner) || 'shared',
    status: row.status as Device['status'],
    status_reason: row.status === 'benched' ? reasonOf(row, orgId) : null,
    installed: mayInstalled
      ? { org_id: String(row.installed_org), app_version_id: String(row.installed_app) }
      : null,
    lease_id: mayLease ? (row.lease_id as string | null) : null,
    job_id: mayLease ? (row.job_id as string | null) : null,
  };
}

/** What the last error said may be another org's on a shared device. */
function reasonOf(row: Row, orgId: string | undefined): string {
  const mayRead = orgId === undefined || row.owner === orgId;
  return whyBenched(
    Number(row.strikes),
    Number(row.benched_until),
    mayRead ? (row.strike_error as string | null) : null,
  );
}

/** The groups that hold queued or leased jobs. */
export function listGroups(deps: Deps, query: PageQuery, viewer: Viewer): Promise<Page<Group>> {
  const sql = `SELECT g.*, printf('%015d', g.id) AS cursor,
      (SELECT json_group_array(d.id) FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
        WHERE d.installed_group_id = g.id AND d.listed = 1 AND a.last_seen_at >= ?5) AS device_ids,
      (SELECT min(b.submitted_at) FROM batches b WHERE b.group_id = g.id AND b.queued > 0) AS oldest,
      (SELECT max(b.priority) FROM batches b WHERE b.group_id = g.id AND b.queued > 0) AS priority
    FROM groups g
    WHERE g.queued + g.leased > 0 AND g.id > CAST('0' || ?1 AS INTEGER) AND (?4 IS NULL OR g.org_id = ?4) ORDER BY g.id`;
  const args = [scopeOf(query, viewer), deps.now() - deps.settings.leaseTtlMs];
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
