import type { Deps } from '../store/deps.ts';
import { liveLeases } from '../store/org-may.ts';

/** What waits and what runs on a target. */
export interface TargetDepth {
  readonly target: string;
  readonly queued: number;
  /** Jobs that wait for an instant. */
  readonly waiting: number;
  /** Jobs that a device has: scheduled or running. */
  readonly leased: number;
  /** Jobs that one more device would take: those of `queued` whose org may lease. */
  readonly wanted: number;
  /** Predicted work of the queued jobs, ms. */
  readonly queuedMs: number;
  /** How long the oldest queued job is there, ms; 0: none is queued, or it was not asked. */
  readonly oldestMs: number;
}

const queuedSql = (isOfOrg: string) => `SELECT g.target, g.org_id, sum(g.queued) AS queued,
    sum(g.queued_ms) AS queued_ms, sum(g.leased) AS leased
  FROM groups g WHERE g.queued + g.leased > 0 AND ${isOfOrg} GROUP BY g.target, g.org_id`;

const waitingSql = (isOfOrg: string) =>
  `SELECT g.target, sum(g.waiting) AS waiting FROM groups g WHERE g.waiting > 0 AND ${isOfOrg} GROUP BY g.target`;

/** The orgs that may not lease on every target now, each with where it may not. Most have no limit, and no row. */
const heldSql = (isOfOrg: string) => `SELECT o.id, o.paused_targets,
    o.paused_at IS NOT NULL OR (o.max_leases IS NOT NULL AND ${liveLeases} >= o.max_leases) AS held
  FROM orgs o WHERE (o.paused_at IS NOT NULL OR o.max_leases IS NOT NULL OR o.paused_targets <> '[]') AND ${isOfOrg}`;

// One probe for each target. SEARCH b USING INDEX batches_oldest (target=?)
const oldestSql = `SELECT t.value AS target,
    (SELECT min(b.submitted_at) FROM batches b WHERE b.target = t.value AND b.queued > 0) AS since
  FROM json_each(?) t`;

/** What waits on each target, for all orgs or for one. Errors: `unavailable`. */
export async function readDepths(deps: Deps, orgId: string | null): Promise<TargetDepth[]> {
  const isOfOrg = orgId === null ? 'true' : 'g.org_id = ?1';
  const args = orgId === null ? [] : [orgId];
  const queued = await deps.sql.read(queuedSql(isOfOrg), args);
  const waiting = await deps.sql.read(waitingSql(isOfOrg), args);
  const mayNot = await readHeld(deps, orgId);
  const depths = new Map<string, TargetDepth>();
  const add = (target: string, more: Partial<TargetDepth>): void => {
    const one = depths.get(target) ?? { ...none, target };
    const sum = (name: keyof typeof none) => one[name] + (more[name] ?? 0);
    depths.set(target, {
      ...{ target, queued: sum('queued'), waiting: sum('waiting'), leased: sum('leased') },
      ...{ wanted: sum('wanted'), queuedMs: sum('queuedMs'), oldestMs: sum('oldestMs') },
    });
  };
  for (const row of queued) {
    const target = String(row.target);
    const n = Number(row.queued);
    add(target, {
      ...{ queued: n, queuedMs: Number(row.queued_ms), leased: Number(row.leased) },
      wanted: mayNot(String(row.org_id), target) ? 0 : n,
    });
  }
  for (const row of waiting) add(String(row.target), { waiting: Number(row.waiting) });
  if (orgId === null) await addOldest(deps, [...depths.keys()], add);
  return [...depths.values()].sort((a, b) => (a.target < b.target ? -1 : 1));
}

const none = { queued: 0, waiting: 0, leased: 0, wanted: 0, queuedMs: 0, oldestMs: 0 };

async function readHeld(
  deps: Deps,
  orgId: string | null,
): Promise<(orgId: string, target: string) => boolean> {
  const rows =
    orgId === null
      ? await deps.sql.read(heldSql('true'))
      : await deps.sql.read(heldSql('o.id = ?1'), [orgId]);
  const held = new Map(
    rows.map((row) => [
      String(row.id),
      { isHeld: row.held === 1, targets: JSON.parse(String(row.paused_targets)) as string[] },
    ]),
  );
  return (orgId, target) => {
    const one = held.get(orgId);
    return one !== undefined && (one.isHeld || one.targets.includes(target));
  };
}

async function addOldest(
  deps: Deps,
  targets: readonly string[],
  add: (target: string, more: Partial<TargetDepth>) => void,
): Promise<void> {
  const now = deps.now();
  for (const { target, since } of await deps.sql.read(oldestSql, [JSON.stringify(targets)]))
    if (since !== null) add(String(target), { oldestMs: Math.max(0, now - Number(since)) });
}
