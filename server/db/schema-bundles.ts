import { sql } from 'drizzle-orm';
import { check, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/** Source bundles that were uploaded. Their bytes are in the blob store, under the org and the hash. */
export const bundles = sqliteTable(
  'bundles',
  {
    orgId: text().notNull(),
    /** Hash of the packed bytes, hex. */
    sha256: text().notNull(),
    size: integer().notNull(),
    createdAt: integer().notNull(),
    /** The last upload or submit. */
    lastUsedAt: integer().notNull(),
  },
  (bundle) => [
    primaryKey({ columns: [bundle.orgId, bundle.sha256] }),
    check('bundles_sha256', sql`length(sha256) = 64`),
  ],
);
