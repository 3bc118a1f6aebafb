import { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';

/**
 * The org whose tests a caller means: the token's or the named one, or, for the operator, the only one that there is; undefined
 * where there is none. Errors: `invalid` where the operator must name one.
 */
export async function whichOrg(deps: Pick<Deps, 'sql'>, { orgId }: Viewer): Promise<string | undefined> {
  if (orgId !== undefined) return orgId;
  const orgs = await deps.sql.read('SELECT id FROM orgs ORDER BY id LIMIT 2');
  if (orgs.length < 2) return orgs[0] && String(orgs[0].id);
  throw new QgjobError('invalid', 'org_id: there are several orgs, and the operator token belongs to none');
}
