import { index, integer, primaryKey, sqliteTable, text } from './drizzle.ts';

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

/** Comments in pull requests that the server has written itself. One that is not here is found again at GitHub. */
export const githubComments = sqliteTable(
  'github_comments',
  {
    orgId: text().notNull(),
    /** As `runs.comment_key` has it. */
    key: text().notNull(),
    /** GitHub's id of it. */
    commentId: integer().notNull(),
    /** The run of the workflow that it tells of: GitHub's id. */
    githubRunId: integer().notNull(),
    /** SHA-256 of its text, hex: the same text is not written again. */
    textHash: text().notNull(),
    /** Of each section `passed` or `failed`, by its key (JSON). */
    results: text().notNull(),
    writtenAt: integer().notNull(),
  },
  (comment) => [
    primaryKey({ columns: [comment.orgId, comment.key] }),
    index('github_comments_written').on(comment.writtenAt),
  ],
);
