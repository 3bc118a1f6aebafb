import { QgjobError } from '../../../protocol/errors.ts';
import type { AppVersion } from '../../../protocol/shapes/app-version.ts';
import { and, eq, isNotNull } from '../../db/drizzle.ts';
import { groups } from '../../db/schema.ts';
import { appVersions } from '../../db/schema-apps.ts';
import type { Deps } from '../store/deps.ts';
import { findLiveLease, type LeaseCaller } from '../store/find-lease.ts';
import {
  type AppVersionRef,
  findAppVersion,
  mustFindAppVersion,
  ofAnother,
  otherBuild,
} from './app-versions.ts';

/** The build of an app, by the hash of its bytes. */
export interface BuildRef {
  readonly orgId: string;
  readonly sha256: string;
}

/** One that is there. */
export interface SizedBuild extends BuildRef {
  readonly size: number;
}

/**
 * Notes the build of an app version whose bytes are stored already; also for versions that had announced the same one.
 * Errors: `not_found`, `conflict` (it has another build, or none and is of another repository).
 */
export async function addAppBuild(
  deps: Deps,
  { orgId, id, repositoryId }: AppVersionRef,
  { sha256, size }: { readonly sha256: string; readonly size: number },
): Promise<AppVersion> {
  const [own] = await deps.sql.write([
    {
      sql: `UPDATE app_versions SET sha256 = ?3, size = ?4, last_used_at = ?5
            WHERE org_id = ?1 AND id = ?2 AND coalesce(sha256 = ?3, ?6 IS NULL OR repository_id IS NULL OR repository_id = ?6)
            RETURNING id`,
      args: [orgId, id, sha256, size, deps.now(), repositoryId ?? null],
    },
    {
      sql: `UPDATE app_versions SET size = ?3 WHERE org_id = ?1 AND sha256 = ?2 AND size IS NULL`,
      args: [orgId, sha256, size],
    },
  ]);
  const known = await mustFindAppVersion(deps, { orgId, id });
  if (own?.length === 1) return known;
  throw known.sha256 === null ? ofAnother(id) : otherBuild(known);
}

/** Whether an app version of the org has this build. */
export async function isBuildUsed(deps: Deps, { orgId, sha256 }: BuildRef): Promise<boolean> {
  const [row] = await deps.db
    .select({ id: appVersions.id })
    .from(appVersions)
    .where(and(eq(appVersions.orgId, orgId), eq(appVersions.sha256, sha256), isNotNull(appVersions.size)))
    .limit(1);
  return row !== undefined;
}

/** The builds of all orgs that are there. */
export async function listBuilds(deps: Deps): Promise<BuildRef[]> {
  const rows = await deps.db
    .selectDistinct({ orgId: appVersions.orgId, sha256: appVersions.sha256 })
    .from(appVersions)
    .where(isNotNull(appVersions.size));
  return rows.flatMap(({ orgId, sha256 }) => (sha256 === null ? [] : [{ orgId, sha256 }]));
}

/** The build of an app version. Errors: `not_found` where it has none. */
export function buildOf({ org_id: orgId, app_version_id: id, sha256, size }: AppVersion): SizedBuild {
  if (sha256 !== null && size !== null) return { orgId, sha256, size };
  throw noBuild(id);
}

/** The build that the devices of a live lease need. Errors: `not_found`, also where there is none; `lease_lost`. */
export async function findLeaseBuild(deps: Deps, caller: LeaseCaller, leaseId: string): Promise<SizedBuild> {
  const { orgId, groupId } = await findLiveLease(deps, caller, leaseId);
  const [group] = await deps.db
    .select({ id: groups.appVersionId })
    .from(groups)
    .where(eq(groups.id, groupId));
  const found = group && (await findAppVersion(deps, { orgId, id: group.id }));
  if (!found) throw noBuild(group?.id ?? 'of this lease');
  return buildOf(found);
}

export const noBuild = (id: string): QgjobError =>
  new QgjobError('not_found', `there is no file of app version ${id}`);
