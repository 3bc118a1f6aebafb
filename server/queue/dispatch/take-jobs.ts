import type { Row } from '@libsql/client';
import type { Lease, LeasedJob } from '../../../protocol/shapes/agent.ts';
import type { Statement } from '../../db/statement.ts';
import { deviceMay } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';
import { orgMayUse } from '../store/org-may.ts';
import { lastEventSql } from '../store/read-events.ts';
import { type JobRow, jobJson, listIn, listOf, listStatement, toJobRow } from '../store/rows.ts';
import { type LeaseSource, sourceHash } from '../store/source-hash.ts';
import { toInstant, toJob } from '../store/to-wire.ts';
import type { PlannedLease } from './plan-leases.ts';
import { traceJobs } from './trace-jobs.ts';

const insertLeasesSql = `INSERT INTO leases (id, org_id, agent_id, boot_id, device_id, group_id, run_id, install, created_at, expires_at)
  SELECT i.value ->> 0, b.org_id, a.id, a.boot_id, d.id, b.group_id, b.run_id, d.installed_group_id IS NOT b.group_id, ?2, ?3
  FROM json_each(?1) i CROSS JOIN devices d ON d.id = i.value ->> 2
    CROSS JOIN agents a ON a.id = d.agent_id AND a.boot_id = i.value ->> 1
    CROSS JOIN batches b ON b.id = i.value ->> 3 AND b.pool_id = d.pool_id CROSS JOIN orgs o ON o.id = b.org_id
  WHERE ${deviceMay('?2')}
    AND ${orgMayUse('b.target', 'i.value ->> 4')}
  ON CONFLICT DO NOTHING`;

/** SEARCH jobs USING INTEGER PRIMARY KEY (rowid=?). Each job gets a rev above all earlier ones. */
const takeJobsSql = `UPDATE jobs SET status = 'scheduled', lease_id = l.id, agent_id = l.agent_id, device_id = l.device_id,
    changed_at = ?2, rev = ${lastEventSql} + 1 + i.key
  FROM json_each(?1) i CROSS JOIN leases l
    ON l.id = i.value ->> 1 AND l.device_id = i.value ->> 3 AND l.state = 'active' AND l.n_jobs IS NULL
  WHERE jobs.seq = i.value ->> 0 AND jobs.status = 'queued' AND jobs.group_id = l.group_id
    AND (jobs.avoid_device IS NOT l.device_id OR jobs.avoid_until <= ?2 OR i.value ->> 2)`;

const countJobsSql = `UPDATE leases SET n_jobs = (SELECT count(*) FROM jobs WHERE lease_id = leases.id)
  WHERE n_jobs IS NULL AND id IN (SELECT value ->> 0 FROM json_each(?))`;

// The device counts as a holder of the group from now on, so that no second device is sent to install it too.
const holdGroupSql = `UPDATE devices SET pinned = i.value ->> 5,
    installed_group_id = (SELECT group_id FROM leases WHERE id = i.value ->> 0)
  FROM json_each(?) i WHERE devices.id = i.value ->> 2
    AND EXISTS (SELECT 1 FROM leases WHERE id = i.value ->> 0 AND device_id = devices.id AND state = 'active')`;

/**
 * The write of planned leases. Each statement has its own conditions, so that a lost race takes nothing and a
 * repeated write takes nothing twice: a lease is made only where the device is free and the org may lease; jobs join
 * only a lease that this same write has made; a lease without jobs is deleted.
 */
function takeStatements(deps: Deps, planned: readonly PlannedLease[]): Statement[] {
  const now = deps.now();
  const before = new Map<string, number>();
  const leases = planned.map(({ requester, batchId, orgId, pin }) => {
    const n = before.get(orgId) ?? 0;
    before.set(orgId, n + 1);
    return [requester.leaseId, requester.bootId, requester.deviceId, batchId, n, pin ? 1 : 0];
  });
  const jobs = planned.flatMap(({ requester, jobs, isOnlyDevice }) =>
    jobs.map((job) => [job.seq, requester.leaseId, isOnlyDevice ? 1 : 0, requester.deviceId]),
  );
  const made = JSON.stringify(leases);
  return [
    { sql: insertLeasesSql, args: [made, now, now + deps.settings.leaseTtlMs] },
    { sql: takeJobsSql, args: [JSON.stringify(jobs), now] },
    { sql: countJobsSql, args: [made] },
    {
      sql: 'DELETE FROM leases WHERE n_jobs = 0 AND id IN (SELECT value ->> 0 FROM json_each(?))',
      args: [made],
    },
    { sql: holdGroupSql, args: [made] },
  ];
}

/** Gives planned jobs to their devices: writes the leases, and answers those that were made, by device. */
export async function takeJobs(deps: Deps, planned: readonly PlannedLease[]): Promise<Map<string, Lease>> {
  if (planned.length === 0) return new Map();
  const reads = leaseStatements(
    deps,
    planned.map(({ requester }) => requester),
  );
  const results = await deps.sql.write([...takeStatements(deps, planned), ...reads]);
  const made = toLeases(deps, results.slice(-reads.length));
  for (const { target } of made.values()) deps.meter.count('leases', { target });
  if (deps.traceQueued) for (const lease of made.values()) traceJobs(deps, lease);
  return made;
}

/** What is registered of the app version of the lease `l` and its group `g` (SQL); a build that was announced and is not there yet has no size. */
const appSql = `(SELECT json_object('platform', v.platform, 'sha256', v.sha256, 'size', v.size,
    'url', v.url, 'package_name', v.package_name) FROM app_versions v WHERE v.org_id = l.org_id AND v.id = g.app_version_id)`;

const readLeasesSql = listOf(
  `json_array(l.device_id, l.id, l.org_id, g.app_version_id, g.target,
    json_object('source', r.settings -> 'source', 'params', r.settings -> 'params', 'grep', r.settings -> 'grep'), l.install = 1 AND l.installed_at IS NULL, l.expires_at, json(${appSql}),
    l.install = 1 AND l.installed_at IS NULL AND (SELECT d.doubted FROM devices d WHERE d.id = l.device_id))`,
  `FROM json_each(?) i CROSS JOIN leases l ON l.id = i.value ->> 0 AND l.device_id = i.value ->> 1 AND l.state = 'active'
    CROSS JOIN groups g ON g.id = l.group_id CROSS JOIN runs r ON r.id = l.run_id`,
);

type LeaseItem = [
  deviceId: string,
  id: string,
  orgId: string,
  appVersionId: string,
  target: string,
  /** A field that the submit did not name is null. */
  source: { readonly [name in keyof LeaseSource]: LeaseSource[name] | null },
  install: number,
  expiresAt: number,
  /** A field that is not known is null. */
  app: { readonly [name: string]: string | number | null } | null,
  clean: number,
];

/** What the last failed attempt of the job `j` said that the next one has to run (SQL); null: all of the file. */
const only = `CASE WHEN j.test_failures > 0 THEN
    (SELECT a.only FROM attempts a WHERE a.job_id = j.id AND a.verdict = 'failed' ORDER BY a.attempt DESC LIMIT 1) END`;

/** SEARCH j USING INDEX jobs_lease (lease_id=?), SEARCH a USING INDEX sqlite_autoindex_attempts_1 (job_id=?) */
const readJobsSql = listOf(
  `json_array(${jobJson('j')}, json(${only}), (SELECT r.settings ->> 'traceparent' FROM runs r WHERE r.id = j.run_id))`,
  `FROM json_each(?) i CROSS JOIN jobs j ON j.lease_id = i.value ->> 0
  WHERE j.device_id = i.value ->> 1`,
);

type JobItem = [job: unknown[], only: string[] | null, traceparent: string | null];

/** A job with what its lease says of it beside its row. */
type TakenJob = JobRow & { readonly only: string[] | null; readonly traceparent: string | null };

/** A lease names at most so many characters of tests; agents read no answer above 16 MiB. */
const mostIdCharacters = 4 * 1024 * 1024;

/** A lease id that a device has requested; a lease of another device under the same id does not count. */
export interface LeaseOfDevice {
  readonly leaseId: string;
  readonly deviceId: string;
}

/** Of these leases the live ones, as their agents see them, by device; the jobs in the order of their places. */
export async function readLeases(deps: Deps, keys: readonly LeaseOfDevice[]): Promise<Map<string, Lease>> {
  if (keys.length === 0) return new Map();
  const reads = leaseStatements(deps, keys).map(({ sql, args }) => deps.sql.read(sql, args));
  return toLeases(deps, await Promise.all(reads));
}

/** The statements whose rows `toLeases` reads. */
function leaseStatements(deps: Deps, keys: readonly LeaseOfDevice[]) {
  const json = JSON.stringify(keys.map(({ leaseId, deviceId }) => [leaseId, deviceId]));
  return [listStatement(deps, readJobsSql, [json]), listStatement(deps, readLeasesSql, [json])];
}

function toLeases(deps: Deps, [jobRows, leaseRows]: readonly (readonly Row[])[]): Map<string, Lease> {
  const jobs = listIn<JobItem>(jobRows).map(
    ([job, only, traceparent]) => ({ ...toJobRow(job), only, traceparent }) as const,
  );
  const leases = listIn<LeaseItem>(leaseRows);
  jobs.sort((a, b) => a.sortKey - b.sortKey || a.seq - b.seq);
  const byLease = Map.groupBy(jobs, (row) => row.leaseId);
  return new Map(
    leases.map(([deviceId, id, orgId, appVersionId, target, settings, install, expiresAt, app, clean]) => {
      const [rows, source] = [byLease.get(id) ?? [], named(settings)];
      const lease: Lease = {
        ...{ lease_id: id, token: deps.leaseToken(id) },
        org_id: orgId,
        app_version_id: appVersionId,
        target,
        framework: (rows[0]?.framework || null) as Lease['framework'],
        ...(app && { app: knownOf(app) as Lease['app'] }),
        ...source,
        source_hash: sourceHash(source),
        install: install === 1,
        ...(clean === 1 && { clean: true }),
        expires_at: toInstant(expiresAt),
        jobs: toLeasedJobs(rows),
      };
      return [deviceId, lease];
    }),
  );
}

const named = ({ source, params, grep }: LeaseItem[5]): LeaseSource => ({
  ...(source && { source }),
  ...(params && { params }),
  ...(grep && { grep }),
});

const knownOf = (fields: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

/** Where the names of the tests to run are too many for one lease, its last jobs run the whole file. */
function toLeasedJobs(rows: readonly TakenJob[]): LeasedJob[] {
  let left = mostIdCharacters;
  return rows.map(({ only, traceparent, ...job }) => {
    left -= only === null ? 0 : only.reduce((sum, id) => sum + id.length, 0);
    return {
      ...toJob(job),
      next_attempt: job.attempt + 1,
      timeout_ms: job.timeoutMs,
      ...(only !== null && left >= 0 && { only }),
      ...(traceparent !== null && { traceparent }),
    };
  });
}
