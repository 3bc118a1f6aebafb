import { QgjobError } from '../../../protocol/errors.ts';
import type { Org, PatchOrg } from '../../../protocol/shapes/admin.ts';
import { poolChanged } from '../fleet/index.ts';
import { checkOwner } from '../store/check-owner.ts';
import type { Deps } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';
import { findOrg } from './orgs.ts';

// Its batches wait in a pool of its own or in a shared one.
const pools = `SELECT id FROM pools WHERE owner IN (?1, '')`;

/**
 * Pauses an org or resumes it, as a whole or on some targets, and sets its weight and its cap on live leases, which are the operator's: the shares of
 * the orgs are weighed against each other. What runs goes on. The same again changes nothing. Errors: `not_found`,
 * also for an admin of another org; `forbidden` for an admin that sets weight or cap.
 */
export async function patchOrg(deps: Deps, orgId: string, change: PatchOrg, viewer: Viewer): Promise<Org> {
  checkOwner(orgId, viewer, `org ${orgId}`);
  await findOrg(deps, orgId);
  const { paused, paused_targets: targets, weight, max_leases: maxLeases } = change;
  if (viewer.orgId !== undefined && (weight !== undefined || maxLeases !== undefined)) {
    throw new QgjobError('forbidden', 'weight and max_leases are set by the operator');
  }
  const now = deps.now();
  await deps.sql.write([
    {
      sql: `UPDATE orgs SET weight = coalesce(?2, weight),
              max_leases = CASE WHEN ?3 = 1 THEN ?4 ELSE max_leases END,
              paused_at = CASE ?5 WHEN 1 THEN coalesce(paused_at, ?6) WHEN 0 THEN NULL ELSE paused_at END,
              paused_targets = coalesce(?7, paused_targets)
            WHERE id = ?1`,
      args: [
        orgId,
        weight ?? null,
        Number(maxLeases !== undefined),
        maxLeases ?? null,
        paused === undefined ? null : Number(paused),
        now,
        targets ? JSON.stringify([...new Set(targets)].sort()) : null,
      ],
    },
    poolChanged(pools, orgId, now),
  ]);
  return findOrg(deps, orgId);
}
