import { index, integer, primaryKey, real, sql, sqliteTable, text } from './drizzle.ts';

const counter = () => integer().notNull().default(0);

/**
 * How a test went on a target in the last days: the flake ledger (docs/flakes.md). A row for each test file, and one for each
 * case that its reports list. Outlives runs that are pruned. Written by a loop that follows the events (server/queue/ledger).
 */
export const tests = sqliteTable(
  'tests',
  {
    /** Of its identity: server/queue/ledger/test-identity.ts. */
    id: text().primaryKey(),
    orgId: text().notNull(),
    repositoryId: text().notNull(),
    target: text().notNull(),
    testPath: text().notNull(),
    /** File, full title and id of the framework, as the report names them; all '' for the test file itself. */
    file: text().notNull().default(''),
    title: text().notNull().default(''),
    caseId: text().notNull().default(''),
    /** 1: nothing smaller is known of: a case, or a file whose last report listed none. */
    isLeaf: integer().notNull(),
    /** Of a file, 1: it has had a report. One without is a crash then, not its framework's way. */
    hasReport: integer().notNull().default(0),
    /** Jobs of each day of the window: [[day, passed, flaky, failed]…] (JSON), the oldest first; a day is a number of days since 1970. */
    days: text().notNull(),
    /** The sums of `days`. */
    passed: counter(),
    flaky: counter(),
    failed: counter(),
    /** The lower end of the interval of its flakiness, by which lists are sorted; null where it was not flaky. */
    flakyLow: real(),
    /** Durations of its last passes, ms (JSON), the oldest first; and what they amount to. */
    durations: text().notNull().default('[]'),
    p50Ms: integer(),
    p95Ms: integer(),
    /** The first day of `days`; null where the window holds none. */
    oldestDay: integer(),
    firstRunAt: integer().notNull(),
    lastRunAt: integer().notNull(),
    lastFailedAt: integer(),
  },
  (test) => [
    // GET /v1/tests, in the order of names, of flakiness, of time; the last two by what is listed.
    index('tests_name').on(test.orgId, test.testPath, test.title, test.id),
    index('tests_flaky').on(test.orgId, test.flakyLow, test.id).where(sql`flaky_low IS NOT NULL`),
    index('tests_slow').on(test.orgId, test.p50Ms, test.id).where(sql`p50_ms IS NOT NULL AND is_leaf = 1`),
    index('tests_slow_files')
      .on(test.orgId, test.p50Ms, test.id)
      .where(sql`p50_ms IS NOT NULL AND title = ''`),
    // The loop: whose first day has left the window.
    index('tests_oldest').on(test.oldestDay).where(sql`oldest_day IS NOT NULL`),
  ],
);

/** Jobs in which a test failed. One that is not flaky yet becomes so when the test passes on the same source. */
export const testFailures = sqliteTable(
  'test_failures',
  {
    testId: text().notNull(),
    /** When the job ended. */
    at: integer().notNull(),
    jobId: text().notNull(),
    runId: text().notNull(),
    /** Of its code and app: server/queue/ledger/read-ended.ts. */
    source: text().notNull(),
    /** 1: it passed on the same source, in this job or in another one. */
    flaky: integer().notNull(),
  },
  (failure) => [
    // GET /v1/tests/:id: the last ones.
    primaryKey({ columns: [failure.testId, failure.at, failure.jobId] }),
    // The loop: those that a pass makes flaky, and those that are too old.
    index('test_failures_open').on(failure.testId, failure.source).where(sql`flaky = 0`),
    index('test_failures_at').on(failure.at),
  ],
);

/** The last jobs of a test file on a source: where a failure is, they are asked whether the test passed in one of them. */
export const testSources = sqliteTable(
  'test_sources',
  {
    /** Of the file. */
    testId: text().notNull(),
    source: text().notNull(),
    /** Ids of jobs (JSON), the newest last. */
    jobs: text().notNull(),
    at: integer().notNull(),
  },
  (one) => [primaryKey({ columns: [one.testId, one.source] }), index('test_sources_at').on(one.at)],
);

/** One row (id 1): up to which event the ledger is written. */
export const ledgerCursor = sqliteTable('ledger_cursor', {
  id: integer().primaryKey(),
  seq: integer().notNull(),
});
