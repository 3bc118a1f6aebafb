import { asc, eq, gt } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CreateOrg, Org } from '../../../protocol/shapes/admin.ts';
import { orgs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import type { OrgRow } from '../store/rows.ts';
import { toInstant } from '../store/to-wire.ts';

const toOrg = (row: OrgRow): Org => ({
  org_id: row.id,
  weight: row.weight,
  max_leases: row.maxLeases,
  paused: row.pausedAt !== null,
  paused_targets: JSON.parse(row.pausedTargets),
  created_at: toInstant(row.createdAt),
});

export async function findOrg(deps: Deps, orgId: string): Promise<Org> {
  const [row] = await deps.db.select().from(orgs).where(eq(orgs.id, orgId));
  if (!row) throw new QgjobError('not_found', `no org ${orgId}`);
  return toOrg(row);
}

/** Errors: `conflict` when there is one of this name. */
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
  const rows = await deps.db
    .select()
    .from(orgs)
    .where(gt(orgs.id, query.cursor ?? ''))
    .orderBy(asc(orgs.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  return { orgs: page.map(toOrg), next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
}
