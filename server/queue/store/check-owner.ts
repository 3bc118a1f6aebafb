import { QgjobError } from '../../../protocol/errors.ts';
import type { Viewer } from './viewer.ts';

/**
 * Who may switch what belongs to `owner` ('' is shared): the operator, and the admins of the org that owns it. Errors:
 * `not_found` for another org's, `forbidden` for what is shared, which every org sees.
 */
export function checkOwner(owner: string, { orgId }: Viewer, what: string): void {
  if (orgId === undefined || owner === orgId) return;
  if (owner !== '') throw new QgjobError('not_found', `no ${what}`);
  throw new QgjobError('forbidden', `${what} is shared between orgs: only the operator switches it`);
}
