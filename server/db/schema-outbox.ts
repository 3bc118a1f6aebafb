import { check, index, integer, sql, sqliteTable, text } from './drizzle.ts';

/**
 * What is to be told outside of the server, written in the commit of what it tells: by the triggers of the
 * migration `outbox`. A row is deleted once it was delivered or given up.
 */
export const outbox = sqliteTable(
  'outbox',
  {
    /** Orders the rows of a stream. */
    seq: integer().primaryKey(),
    /** The same at each try, and of no other message ever: receivers tell repeats by it. */
    id: text().notNull(),
    /** The receiver, `webhook:<id>`: where it is away, the rows of other lanes go on. */
    lane: text().notNull(),
    /** Rows of one stream are delivered one after another. Begins with the lane. */
    stream: text().notNull(),
    /** 1: no earlier row of its stream is left. Kept by triggers. */
    ready: integer().notNull().default(0),
    /** What it tells: one of `webhookEvents`, or what GitHub is told. */
    kind: text().notNull(),
    orgId: text().notNull(),
    /** The id of the run, the job, the device or the quarantine. */
    subject: text().notNull(),
    /** What cannot be read later, as JSON. */
    data: text(),
    /** 0: the first try dates it. */
    createdAt: integer().notNull(),
    /** Not tried before. Of a row that is being delivered: when its claim ends, and another server may try. */
    dueAt: integer().notNull(),
    tries: integer().notNull().default(0),
    /** Who is delivering it; null: nobody. */
    claim: text(),
    /** Why the last try failed. */
    error: text(),
  },
  (row) => [
    // The loop: what is due, by receiver.
    index('outbox_ready').on(row.lane, row.dueAt).where(sql`ready = 1`),
    index('outbox_stream').on(row.stream, row.seq),
    index('outbox_lane').on(row.lane),
  ],
);

/** Receivers of events, chosen by an org. Their secrets are derived from their ids, a nonce and a key (`keys`). */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text().primaryKey(),
    orgId: text().notNull(),
    url: text().notNull(),
    /** JSON array. */
    events: text().notNull(),
    createdAt: integer().notNull(),
    lastSentAt: integer(),
    /** The first of the failures since the last success, and how many they are. */
    failingSince: integer(),
    failures: integer().notNull().default(0),
    lastError: text(),
    /** Events that were given up. */
    dropped: integer().notNull().default(0),
    /** When it was switched off: it gets no more events. */
    offAt: integer(),
    /** Of its secrets the nonces, newest first, and when each ends (JSON); null until the first rotation. */
    secrets: text(),
  },
  (webhook) => [
    index('webhooks_org').on(webhook.orgId, webhook.id),
    check('webhooks_failing', sql`(failing_since IS NULL) = (failures = 0)`),
  ],
);
