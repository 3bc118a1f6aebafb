import type { Stats } from '../../../protocol/shapes/admin.ts';
import { jobStatuses } from '../../../protocol/states.ts';
import { isOnline } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';

/** Figures of the queue. Jobs are summed from the counters of runs: to count them took 0.5 s for a million. */
export async function readStats(deps: Deps, viewer: Viewer): Promise<Stats> {
  const org = viewer.orgId ?? null;
  const sums = [...jobStatuses, 'flaky'].map((name) => `coalesce(sum(${name}), 0) AS ${name}`).join(', ');
  const [counts] = await deps.sql.read(
    `SELECT ${sums}, count(*) FILTER (WHERE finished_at IS NULL) AS active FROM runs WHERE ?1 IS NULL OR org_id = ?1`,
    [org],
  );
  const since = onlineSince(deps);
  const [fleet] = await deps.sql.read(
    `SELECT (SELECT count(*) FROM agents WHERE last_seen_at >= ?1 AND (?2 IS NULL OR owner IN (?2, ''))) AS agents,
       (SELECT count(*) FROM leases WHERE state = 'active' AND (?2 IS NULL OR org_id = ?2)) AS leases`,
    [since, org],
  );
  const devices = await deps.sql.read(
    `SELECT d.target, count(*) AS n FROM devices d CROSS JOIN agents a ON a.id = d.agent_id
     WHERE ${isOnline('?1')} AND (?2 IS NULL OR d.owner IN (?2, '')) GROUP BY d.target`,
    [since, org],
  );
  const number = (value: unknown) => Number(value ?? 0);
  return {
    jobs: {
      waiting: number(counts?.waiting),
      queued: number(counts?.queued),
      scheduled: number(counts?.scheduled),
      running: number(counts?.running),
      passed: number(counts?.passed),
      failed: number(counts?.failed),
      errored: number(counts?.errored),
      cancelled: number(counts?.cancelled),
      flaky: number(counts?.flaky),
    },
    runs_active: number(counts?.active),
    agents_online: number(fleet?.agents),
    devices: Object.fromEntries(devices.map((row) => [String(row.target), Number(row.n)])),
    leases_active: number(fleet?.leases),
  };
}
