import { check, index, integer, primaryKey, sql, sqliteTable, text } from './drizzle.ts';

/** Source bundles that were uploaded. Their bytes are in the blob store, under the org and the hash. */
export const bundles = sqliteTable(
  'bundles',
  {
    orgId: text().notNull(),
    /** Hash of the packed bytes, hex. */
    sha256: text().notNull(),
    size: integer().notNull(),
    createdAt: integer().notNull(),
    /** The last upload, submit or question whether it is there. */
    lastUsedAt: integer().notNull(),
  },
  (bundle) => [
    // prune: those that nobody has used for long.
    index('bundles_used').on(bundle.lastUsedAt),
    primaryKey({ columns: [bundle.orgId, bundle.sha256] }),
    check('bundles_sha256', sql`length(sha256) = 64`),
  ],
);
