import { index, integer, sql, sqliteTable, text } from './drizzle.ts';

/** Tests whose failures do not fail a run until an instant (docs/flakes.md). A row has the whole identity of its test: it outlives that of the ledger. */
export const quarantines = sqliteTable(
  'quarantines',
  {
    id: text().primaryKey(),
    orgId: text().notNull(),
    testId: text().notNull(),
    repositoryId: text().notNull(),
    target: text().notNull(),
    testPath: text().notNull(),
    file: text().notNull(),
    title: text().notNull(),
    caseId: text().notNull(),
    owner: text().notNull(),
    reason: text().notNull(),
    /** 1: it holds for the runs of a merge queue; and for all others. */
    mergeQueue: integer().notNull(),
    pullRequest: integer().notNull(),
    createdAt: integer().notNull(),
    /** The token that made it, by id and name; and the one that changed it last. */
    createdBy: text().notNull(),
    changedAt: integer().notNull(),
    changedBy: text().notNull(),
    /** From this instant on it holds no more. */
    endsAt: integer().notNull(),
    /** Set where somebody ended it before its time. */
    removedAt: integer(),
    /** When the server last began to hunt its test by itself; 0: never. */
    huntedAt: integer().notNull().default(0),
    /** The run of that hunt, until its result is written down. */
    huntRunId: text(),
    /** What the last hunt with a verdict has found (JSON): `FoundByHunt`. */
    lastHunt: text(),
    /** The end of which its owner was told before it came. */
    endTold: integer(),
  },
  (one) => [
    // finish: those of a file; and the one of a test.
    index('quarantines_file').on(one.orgId, one.target, one.testPath, one.endsAt),
    index('quarantines_test').on(one.testId, one.endsAt),
    // GET /v1/quarantines, newest first.
    index('quarantines_org').on(one.orgId, one.id),
    // prune: the oldest ends.
    index('quarantines_ends').on(one.endsAt),
    // The loop: those that are hunted now.
    index('quarantines_hunted').on(one.orgId, one.target).where(sql`hunt_run_id IS NOT NULL`),
  ],
);
