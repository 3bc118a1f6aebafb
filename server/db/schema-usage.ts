import { index, integer, sqliteTable, text } from './drizzle.ts';

/** Bytes of artifacts, bundles and builds of each org; kept by triggers (drizzle/0040_quotas.sql, builds by drizzle/0044_build_usage.sql). */
export const orgUsage = sqliteTable('org_usage', {
  orgId: text().primaryKey(),
  bytes: integer().notNull().default(0),
});

/** Room that an upload has taken before its first byte, where its org has a quota. */
export const uploadReservations = sqliteTable(
  'upload_reservations',
  {
    /** Of what is uploaded: the same upload again takes the same room. */
    id: text().primaryKey(),
    orgId: text().notNull(),
    bytes: integer().notNull(),
    /** Epoch ms; after it the room is free again. */
    until: integer().notNull(),
  },
  (one) => [index('upload_reservations_org').on(one.orgId)],
);
