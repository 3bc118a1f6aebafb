import { integer, primaryKey, sqliteTable, text } from './drizzle.ts';

/** Check runs at GitHub that the server has written itself, by run and target. */
export const githubChecks = sqliteTable(
  'github_checks',
  {
    runId: text().notNull(),
    target: text().notNull(),
    /** GitHub's id of it. */
    checkId: integer().notNull(),
    /** 1: it has its conclusion. */
    ended: integer().notNull().default(0),
  },
  (check) => [primaryKey({ columns: [check.runId, check.target] })],
);
