import { QgjobError } from '../../../protocol/errors.ts';
import { endLeasesOfRevoked } from '../leases/index.ts';
import type { Deps } from '../store/deps.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { revokeSignIn } from './sign-in.ts';
import { findToken, noToken } from './tokens.ts';

/**
 * What ends with the token ?1: those that it has replaced, all that these have made, and what was got by a call of any of
 * them to replace another one. A successor that somebody else has made stays: whoever replaces a stolen token wants to
 * revoke it at once. SEARCH tokens USING INDEX tokens_parent, tokens_rotated.
 */
const endedWithIt = `before (id) AS (
    SELECT ?1 UNION
    SELECT t.replaces_id FROM before JOIN tokens t ON t.id = before.id WHERE t.replaces_id IS NOT NULL),
  gone (id) AS (
    SELECT id FROM before UNION
    SELECT t.id FROM gone JOIN tokens t ON t.parent_id = gone.id UNION
    SELECT t.id FROM gone JOIN tokens t ON t.rotated_by = gone.id)`;

/**
 * Revokes a token, also one that a workflow got, and in the same write all that were made by it; then the leases of their
 * agents are ended. Answers the ids that end with it, its own too: no server may keep them. Errors: `not_found`, also for
 * another org's token; `conflict` for the operator's.
 */
export async function revokeToken(deps: Deps, id: string, viewer: Viewer): Promise<string[]> {
  if (await revokeSignIn(deps, id, viewer)) return [id];
  const row = await findToken(deps, id);
  if (!maySee(viewer, row.orgId)) throw noToken(id);
  if (row.orgId === null && row.shared === 0) {
    throw new QgjobError(
      'conflict',
      'the operator token is not revoked here; `qgjob tokens rotate` replaces it, `qgjob tokens recover` where it is lost',
    );
  }
  const now = deps.now();
  const [revoked = []] = await deps.sql.write([
    {
      sql: `WITH RECURSIVE ${endedWithIt} UPDATE tokens SET revoked_at = ?2
            WHERE id IN (SELECT id FROM gone) AND revoked_at IS NULL RETURNING id`,
      args: [id, now],
    },
  ]);
  await endLeasesOfRevoked(deps, now);
  return [...new Set([id, ...revoked.map((one) => String(one.id))])];
}
