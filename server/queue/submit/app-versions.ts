import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type {
  AppVersion,
  AppVersionList,
  AppVersionPageQuery,
  RegisterAppVersion,
} from '../../../protocol/shapes/app-version.ts';
import { and, desc, eq, lt } from '../../db/drizzle.ts';
import { appVersions } from '../../db/schema-apps.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import { toInstant } from '../store/to-wire.ts';
import type { Submit } from './new-run.ts';

/** An app version of an org. */
export interface AppVersionRef {
  readonly orgId: string;
  readonly id: string;
  /** The caller is a workflow of this repository (GitHub's id); undefined: a token of the org. */
  readonly repositoryId?: string | undefined;
}

/** Of the same repository, or nothing that the first one did not say. `?8`: null for a token of the org, which may. */
const mayChange = `(?8 IS NULL OR repository_id IS NULL OR repository_id = ?8
    OR (coalesce(excluded.url = url, excluded.url IS NULL)
      AND coalesce(excluded.package_name = package_name, excluded.package_name IS NULL)
      AND coalesce(excluded.sha256 = sha256, excluded.sha256 IS NULL)))`;

const registerSql = `INSERT INTO app_versions
    (org_id, id, platform, url, package_name, sha256, size, repository_id, created_at, last_used_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6,
    (SELECT b.size FROM app_versions b WHERE b.org_id = ?1 AND b.sha256 = ?6 AND b.size IS NOT NULL LIMIT 1),
    coalesce(?8, ''), ?7, ?7)
  ON CONFLICT (org_id, id) DO UPDATE SET url = coalesce(excluded.url, url),
    package_name = coalesce(excluded.package_name, package_name), sha256 = coalesce(sha256, excluded.sha256),
    size = coalesce(size, excluded.size), repository_id = coalesce(repository_id, excluded.repository_id),
    last_used_at = excluded.last_used_at
  WHERE platform = excluded.platform AND coalesce(sha256 = excluded.sha256, 1) AND ${mayChange}
  RETURNING id`;

/**
 * Registers an app version, or adds to what is known of it: what it runs on and its build stay, its address and its
 * package name may change, but not by the workflow of a repository that has not registered it. Where the org has this build
 * already, it is the version's too. Errors: `conflict` (another platform, build or repository).
 */
export async function registerAppVersion(
  deps: Deps,
  ref: AppVersionRef,
  given: RegisterAppVersion,
): Promise<AppVersion> {
  const { orgId, id, repositoryId = null } = ref;
  const { platform, url, package_name: packageName, sha256 } = given;
  const args = [
    orgId,
    id,
    platform,
    url ?? null,
    packageName ?? null,
    sha256 ?? null,
    deps.now(),
    repositoryId,
  ];
  const [made] = await deps.sql.write([{ sql: registerSql, args }]);
  const known = await mustFindAppVersion(deps, ref);
  if (made?.length === 1) return known;
  if (known.platform !== platform)
    throw new QgjobError('conflict', `app version ${id} is for ${known.platform}, not for ${platform}`);
  const isOther = known.sha256 !== null && sha256 !== undefined && known.sha256 !== sha256;
  throw isOther ? otherBuild(known) : ofAnother(id);
}

/** Another repository of the org would decide what the devices of the first one install. */
export const ofAnother = (id: string): QgjobError =>
  new QgjobError(
    'conflict',
    `app version ${id} was registered by another repository or a token of the org, with another address, package name or build: give this app a version of its own`,
  );

/** The same id must not mean two apps: devices keep what they have installed by it. */
export const otherBuild = ({ app_version_id: id, sha256 }: AppVersion): QgjobError =>
  new QgjobError(
    'conflict',
    `app version ${id} is another file, with the sha256 ${sha256}: give each build a version of its own`,
  );

/** Undefined: the org has registered no such version. */
export async function findAppVersion(
  deps: Deps,
  { orgId, id }: AppVersionRef,
): Promise<AppVersion | undefined> {
  const [row] = await deps.db
    .select()
    .from(appVersions)
    .where(and(eq(appVersions.orgId, orgId), eq(appVersions.id, id)));
  return row && toAppVersion(row);
}

/** Errors: `not_found`. */
export async function mustFindAppVersion(deps: Deps, ref: AppVersionRef): Promise<AppVersion> {
  const found = await findAppVersion(deps, ref);
  if (found) return found;
  throw new QgjobError(
    'not_found',
    `this org has no app version ${ref.id}; register it with PUT /v1/app-versions/${ref.id}`,
  );
}

/** Those of an org, newest first. */
export async function listAppVersions(
  deps: Deps,
  orgId: string,
  query: AppVersionPageQuery,
): Promise<AppVersionList> {
  const limit = query.limit ?? limits.pageSize;
  const before = query.cursor === undefined ? [] : [lt(appVersions.seq, Number(query.cursor))];
  const found = await deps.db
    .select()
    .from(appVersions)
    .where(and(eq(appVersions.orgId, orgId), ...before))
    .orderBy(desc(appVersions.seq))
    .limit(limit + 1);
  const { rows, nextCursor } = toPage(found, limit, ({ seq }) => String(seq));
  return { app_versions: rows.map(toAppVersion), next_cursor: nextCursor };
}

const toAppVersion = (row: typeof appVersions.$inferSelect): AppVersion => ({
  org_id: row.orgId,
  app_version_id: row.id,
  platform: row.platform as AppVersion['platform'],
  url: row.url,
  package_name: row.packageName,
  sha256: row.sha256,
  size: row.size,
  created_at: toInstant(row.createdAt),
});

/** A use that is this new is not noted again. In ms. */
const noteEveryMs = 3_600_000;

/** Notes that the app versions of these submits are used; in the commit that makes their runs. */
export function touchAppVersions(submits: readonly Submit[], now: number): Statement[] {
  const ids = submits.map(({ input: { orgId, body } }) => [orgId, body.app_version_id]);
  if (ids.length === 0) return [];
  const sql = `UPDATE app_versions SET last_used_at = ?2 FROM json_each(?1) i
               WHERE org_id = i.value ->> 0 AND app_versions.id = i.value ->> 1 AND last_used_at < ?2 - ?3`;
  return [{ sql, args: [JSON.stringify(ids), now, noteEveryMs] }];
}
