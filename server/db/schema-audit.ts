import { index, integer, sqliteTable, text } from './drizzle.ts';

/**
 * Who did what to which id, from where. A row is written once (a trigger refuses every change of it) and deleted by age
 * alone.
 */
export const audit = sqliteTable(
  'audit',
  {
    /** Never given twice, also where the newest rows are gone. */
    seq: integer().primaryKey({ autoIncrement: true }),
    /** When it was written down, right after it was done. Epoch ms. */
    at: integer().notNull(),
    /** Null: of the whole server. */
    orgId: text(),
    actorKind: text().notNull(),
    /** Public id of the caller's token; '' where there was none. */
    tokenId: text().notNull(),
    /** The name of that token at this moment, or the repository and the run of a workflow. */
    actorName: text().notNull(),
    /** As limits count it; '' where it is not known. */
    address: text().notNull(),
    /** protocol/audit-actions.ts */
    action: text().notNull(),
    targetKind: text().notNull(),
    targetId: text().notNull(),
    requestId: text().notNull(),
    /** A few chosen facts (JSON, at most 1 kB); never a secret, never a body. */
    detail: text().notNull(),
  },
  (line) => [
    // Lists: newest first by seq, which every index carries; one for each filter that is offered.
    index('audit_org').on(line.orgId),
    index('audit_org_action').on(line.orgId, line.action),
    index('audit_action').on(line.action),
    index('audit_token').on(line.tokenId),
    index('audit_target').on(line.targetId),
    // Where an instant begins among the numbers.
    index('audit_at').on(line.at),
  ],
);
