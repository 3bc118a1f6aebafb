import { errorClasses, verdicts } from '../../protocol/states.ts';
import { check, index, integer, primaryKey, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';
import { sqlList } from './sql-list.ts';

export const leases = sqliteTable(
  'leases',
  {
    id: text().primaryKey(),
    orgId: text().notNull(),
    agentId: text().notNull(),
    bootId: text().notNull(),
    deviceId: text().notNull(),
    groupId: integer().notNull(),
    /** The run of the first job: it pays for the install. */
    runId: text().notNull(),
    state: text().notNull().default('active'),
    /** Null only inside the take that makes the lease. */
    nJobs: integer(),
    install: integer().notNull(),
    installedAt: integer(),
    createdAt: integer().notNull(),
    expiresAt: integer().notNull(),
    endedAt: integer(),
  },
  (lease) => [
    // One device, one lease; and the rescuer's and the org cap's questions.
    uniqueIndex('leases_device').on(lease.deviceId).where(sql`state = 'active'`),
    index('leases_expiry').on(lease.expiresAt).where(sql`state = 'active'`),
    index('leases_org').on(lease.orgId).where(sql`state = 'active'`),
    index('leases_agent').on(lease.agentId).where(sql`state = 'active'`),
    check('leases_state', sql`state IN ('active', 'ended', 'expired')`),
    check('leases_ended', sql`(ended_at IS NULL) = (state = 'active')`),
  ],
);

export const attempts = sqliteTable(
  'attempts',
  {
    jobId: text().notNull(),
    attempt: integer().notNull(),
    orgId: text().notNull(),
    leaseId: text().notNull(),
    agentId: text().notNull(),
    deviceId: text().notNull(),
    startedAt: integer().notNull(),
    finishedAt: integer(),
    durationMs: integer(),
    verdict: text(),
    /** 1: the server ended it (lost, or past its time), so a late verdict is refused. */
    byServer: integer().notNull().default(0),
    errorClass: text(),
    error: text(),
    tests: text(),
    /** What the report counted (JSON); `tests` may list fewer. */
    report: text(),
    /** How many tests it ran, where it ran a selection. */
    retriedTests: integer(),
    /** The ids of the tests that the next attempt has to run (JSON); null: all of the file. */
    only: text(),
    /** The tests and the report merged with those of the failed attempts before (JSON); null where they are its own. */
    mergedTests: text(),
    mergedReport: text(),
    provider: text(),
  },
  (attempt) => [
    primaryKey({ columns: [attempt.jobId, attempt.attempt] }),
    // blameDevices: the last ones of a device.
    index('attempts_device').on(attempt.deviceId, attempt.finishedAt).where(sql`finished_at IS NOT NULL`),
    check('attempts_verdict', sql`verdict IN ${sqlList(verdicts)}`),
    check('attempts_class', sql`error_class IN ${sqlList(errorClasses)}`),
    check('attempts_finished', sql`(finished_at IS NULL) = (verdict IS NULL)`),
  ],
);
