import { QgjobError } from '../../../protocol/errors.ts';

/** Whose rows a caller may see: those of an org, or all (undefined) for the operator. */
export interface Viewer {
  readonly orgId: string | undefined;
  /** Of a workflow that signed in by GitHub: it changes the runs of this repository alone. */
  readonly repositoryId?: string;
}

/** True where the viewer may see what belongs to this org. */
export const maySee = ({ orgId }: Viewer, ownerId: string | null): boolean =>
  orgId === undefined || orgId === ownerId;

/**
 * Refuses who may not switch what belongs to `owner` ('' is shared). The operator and the admins of the owner may.
 * Errors: `not_found` where another org owns it, `forbidden` where it is shared, since every org sees that.
 */
export function checkOwner(owner: string, viewer: Viewer, what: string): void {
  if (maySee(viewer, owner)) return;
  if (owner !== '') throw new QgjobError('not_found', `no ${what}`);
  throw new QgjobError('forbidden', `${what} is shared between orgs: only the operator switches it`);
}
