import { index, integer, primaryKey, sqliteTable, text } from './drizzle.ts';

/**
 * The last finished run of a branch, for each target and lane (workflow, job, check and matrix leg; '' where a submit named
 * none). Outlives runs that are pruned. Written by the trigger `runs_ended_on_branch`.
 */
export const baseRuns = sqliteTable(
  'base_runs',
  {
    orgId: text().notNull(),
    /** Of `runs.branch_key`. */
    branchKey: text().notNull(),
    target: text().notNull(),
    lane: text().notNull(),
    runId: text().notNull(),
    /** GitHub's number of the workflow run: a new attempt of an old one is no newer run. 0: the submit named none. */
    githubRunId: integer().notNull().default(0),
    submittedAt: integer().notNull(),
  },
  (base) => [
    primaryKey({ columns: [base.orgId, base.branchKey, base.target, base.lane] }),
    // prune: the oldest.
    index('base_runs_submitted').on(base.submittedAt),
  ],
);

/**
 * What failed in a file, in the last finished run of a branch and lane that had the file; no row where it passed since, in
 * whichever lane.
 */
export const baseFailures = sqliteTable(
  'base_failures',
  {
    orgId: text().notNull(),
    branchKey: text().notNull(),
    target: text().notNull(),
    testPath: text().notNull(),
    lane: text().notNull(),
    runId: text().notNull(),
    githubRunId: integer().notNull().default(0),
    submittedAt: integer().notNull(),
    /** The cases that failed, each as [file, name, id] (JSON). */
    cases: text().notNull(),
  },
  (failure) => [
    primaryKey({
      columns: [failure.orgId, failure.branchKey, failure.target, failure.testPath, failure.lane],
    }),
    index('base_failures_submitted').on(failure.submittedAt),
  ],
);
