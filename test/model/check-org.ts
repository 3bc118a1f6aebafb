import type { Model } from './model.ts';

/** After a take: the org has no more leases and borrowed devices than its cap, and none on a target that it paused. Errors: in words. */
export async function checkOrg({ deps }: Model, orgId: string): Promise<void> {
  const [row] = await deps.sql.read(
    `SELECT max_leases, paused_targets, (SELECT count(*) FROM leases WHERE org_id = orgs.id AND state = 'active')
       + (SELECT count(*) FROM borrows WHERE org_id = orgs.id AND status = 'active' AND run_id IS NULL) AS live FROM orgs WHERE id = ?`,
    [orgId],
  );
  if (row?.max_leases !== null && Number(row?.live) > Number(row?.max_leases)) {
    throw new Error(`org ${orgId} took lease ${row?.live} of at most ${row?.max_leases}`);
  }
  if (row?.paused_targets !== '[]') throw new Error(`org ${orgId} took a lease on a target that it paused`);
}
