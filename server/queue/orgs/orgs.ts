import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CreateOrg, Org, PatchOrg } from '../../../protocol/shapes/admin.ts';
import { asc, eq, gt } from '../../db/drizzle.ts';
import { orgs } from '../../db/schema.ts';
import { poolChanged } from '../fleet/index.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import { quotasOf } from '../store/quotas.ts';
import type { OrgRow } from '../store/rows.ts';
import { toInstant } from '../store/to-wire.ts';
import { checkOwner, type Viewer } from '../store/viewer.ts';

/** Errors: `conflict` when there is an org of this name. */
export async function createOrg(deps: Deps, body: CreateOrg): Promise<Org> {
  const [made] = await deps.sql.write([
    {
      sql: `INSERT INTO orgs (id, weight, max_leases, created_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
      args: [body.org_id, body.weight ?? 1, body.max_leases ?? null, deps.now()],
    },
  ]);
  if (made?.length !== 1) throw new QgjobError('conflict', `org ${body.org_id} exists already`);
  return findOrg(deps, body.org_id);
}

export async function listOrgs(deps: Deps, query: { limit?: number; cursor?: string }) {
  const limit = query.limit ?? limits.pageSize;
  const found = await deps.db
    .select()
    .from(orgs)
    .where(gt(orgs.id, query.cursor ?? ''))
    .orderBy(asc(orgs.id))
    .limit(limit + 1);
  const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
  return { orgs: rows.map(toOrg), next_cursor: nextCursor };
}

/** Errors: `not_found`. */
export async function findOrg(deps: Deps, orgId: string): Promise<Org> {
  const [row] = await deps.db.select().from(orgs).where(eq(orgs.id, orgId));
  if (!row) throw new QgjobError('not_found', `no org ${orgId}`);
  return toOrg(row);
}

const toOrg = (row: OrgRow): Org => ({
  org_id: row.id,
  weight: row.weight,
  max_leases: row.maxLeases,
  paused: row.pausedAt !== null,
  paused_targets: JSON.parse(row.pausedTargets),
  quotas: quotasOf(row.quotas),
  untrusted_targets: JSON.parse(row.untrustedTargets),
  created_at: toInstant(row.createdAt),
});

// Batches of the org wait in a pool of its own or in a shared one.
const pools = `SELECT id FROM pools WHERE owner IN (?1, '')`;

/**
 * Pauses or resumes an org, as a whole or on some targets; sets its weight, its cap on live leases and its quotas. Only the
 * operator sets these, since they decide how orgs share the server and its devices. What runs goes on. The same patch again
 * changes nothing. Errors: `not_found`, also for an admin of another org; `forbidden` for an admin that sets
 * them.
 */
export async function patchOrg(deps: Deps, orgId: string, change: PatchOrg, viewer: Viewer): Promise<Org> {
  checkOwner(orgId, viewer, `org ${orgId}`);
  await findOrg(deps, orgId);
  const { paused, paused_targets: targets, weight, max_leases: maxLeases, quotas } = change;
  const untrusted = change.untrusted_targets;
  if (viewer.orgId !== undefined && [weight, maxLeases, quotas].some((one) => one !== undefined)) {
    throw new QgjobError('forbidden', 'weight, max_leases and quotas are set by the operator');
  }
  const now = deps.now();
  await deps.sql.write([
    {
      sql: `UPDATE orgs SET weight = coalesce(?2, weight),
              max_leases = CASE WHEN ?3 = 1 THEN ?4 ELSE max_leases END,
              paused_at = CASE ?5 WHEN 1 THEN coalesce(paused_at, ?6) WHEN 0 THEN NULL ELSE paused_at END,
              paused_targets = coalesce(?7, paused_targets),
              untrusted_targets = coalesce(?9, untrusted_targets),
              quotas = (SELECT json_group_object(q.key, q.value) FROM (
                SELECT key, value FROM json_each(quotas) WHERE key NOT IN (SELECT key FROM json_each(?8))
                UNION ALL SELECT key, value FROM json_each(?8)) q)
            WHERE id = ?1`,
      args: [
        orgId,
        weight ?? null,
        Number(maxLeases !== undefined),
        maxLeases ?? null,
        paused === undefined ? null : Number(paused),
        now,
        targets ? JSON.stringify([...new Set(targets)].sort()) : null,
        JSON.stringify(quotas ?? {}),
        untrusted ? JSON.stringify([...new Set(untrusted)].sort()) : null,
      ],
    },
    poolChanged(pools, orgId, now),
  ]);
  return findOrg(deps, orgId);
}
