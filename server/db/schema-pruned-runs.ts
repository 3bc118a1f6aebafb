import { integer, sqliteTable, text } from './drizzle.ts';

/** Runs whose rows are deleted already, and whose jobs are being deleted; so a restart goes on where the last one was. */
export const prunedRuns = sqliteTable('pruned_runs', {
  id: text().primaryKey(),
  prunedAt: integer().notNull(),
});
