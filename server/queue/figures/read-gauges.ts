import { deviceStatuses } from '../../../protocol/states.ts';
import { deviceStatus } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { readDepths, type TargetDepth } from './read-depths.ts';

/** How many devices of a target are in a status. */
export interface DeviceCount {
  readonly target: string;
  readonly status: (typeof deviceStatuses)[number];
  readonly n: number;
}

/** How the whole queue is now. The same on every server of a database. */
export interface QueueGauges {
  readonly targets: readonly TargetDepth[];
  readonly devices: readonly DeviceCount[];
  readonly agentsOnline: number;
  readonly leasesActive: number;
  readonly runsActive: number;
  /** Rows of the outbox, `mostOutboxRows` at most; and how long the first one has been there, ms. */
  readonly outboxRows: number;
  readonly outboxOldestMs: number;
}

/** So many rows of the outbox are counted at most: a receiver that is away for days must not make a look dear. */
export const mostOutboxRows = 10_000;

// By rows that are kept as counters and by index probes: nothing here reads a row per job.
const restSql = `SELECT (SELECT count(*) FROM agents WHERE last_seen_at >= ?1) AS agents,
  (SELECT count(*) FROM leases WHERE state = 'active') AS leases,
  (SELECT coalesce(sum(active_runs), 0) FROM orgs) AS runs,
  (SELECT count(*) FROM (SELECT 1 FROM outbox LIMIT ?2)) AS outbox,
  (SELECT created_at FROM outbox WHERE created_at > 0 ORDER BY seq LIMIT 1) AS outbox_since`;

const devicesSql = `SELECT d.target, ${deviceStatus('?1', '?2')} AS status, count(*) AS n
  FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
    LEFT JOIN leases l ON l.device_id = d.id AND l.state = 'active'
  WHERE d.listed = 1 GROUP BY 1, 2`;

/** Reads how the queue is. Costs a few ms at a million jobs: see plans-of-figures.test.ts. Errors: `unavailable`. */
export async function readGauges(deps: Deps): Promise<QueueGauges> {
  const now = deps.now();
  const since = onlineSince(deps);
  const targets = await readDepths(deps, null);
  const devices = await deps.sql.read(devicesSql, [now, since]);
  const [rest] = await deps.sql.read(restSql, [since, mostOutboxRows]);
  const first = rest?.outbox_since;
  return {
    targets,
    devices: devices.map((row) => ({
      target: String(row.target),
      status: deviceStatuses.find((status) => status === row.status) ?? 'offline',
      n: Number(row.n),
    })),
    agentsOnline: Number(rest?.agents),
    leasesActive: Number(rest?.leases),
    runsActive: Number(rest?.runs),
    outboxRows: Number(rest?.outbox),
    outboxOldestMs: first === null || first === undefined ? 0 : Math.max(0, now - Number(first)),
  };
}
