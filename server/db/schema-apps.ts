import { appPlatforms } from '../../protocol/states.ts';
import { check, index, integer, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';
import { sqlList } from './sql-list.ts';

/**
 * App versions that were registered. The bytes of a build are in the blob store, under the org and the hash: those of two
 * versions with the same build once.
 */
export const appVersions = sqliteTable(
  'app_versions',
  {
    seq: integer().primaryKey(),
    orgId: text().notNull(),
    id: text().notNull(),
    platform: text().notNull(),
    url: text(),
    packageName: text(),
    /** Hash of the build, hex: of the one that is there, or of the one that was announced. */
    sha256: text(),
    /** Of the build; null while it is not there. */
    size: integer(),
    /** GitHub's id of the repository whose workflow registered it; '' for a token of the org; null: nobody noted that. */
    repositoryId: text(),
    createdAt: integer().notNull(),
    /** The last registration, upload or submit. */
    lastUsedAt: integer().notNull(),
  },
  (app) => [
    // register, submit, lease.
    uniqueIndex('app_versions_id').on(app.orgId, app.id),
    // Who has these bytes?
    index('app_versions_build').on(app.orgId, app.sha256),
    // The list, newest first by seq, which every index carries.
    index('app_versions_org').on(app.orgId),
    // prune: those that nobody has used for long.
    index('app_versions_used').on(app.lastUsedAt),
    check('app_versions_platform', sql`platform IN ${sqlList(appPlatforms)}`),
    check('app_versions_sha256', sql`length(sha256) = 64`),
    check('app_versions_size', sql`size IS NULL OR (size >= 0 AND sha256 IS NOT NULL)`),
  ],
);
