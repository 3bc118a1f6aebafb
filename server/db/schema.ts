import { finalJobStatuses, jobStatuses, outcomes, waitReasons } from '../../protocol/states.ts';
import { check, index, integer, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';
import { sqlList } from './sql-list.ts';

// Instants are epoch ms, durations ms. Tables are STRICT (scripts/strict-tables.mjs adds the word to a migration).
// CHECKs refuse rows that must never be.
//
// Derived columns are kept in three ways:
// - by statements at the end of each commit in which jobs changed their state (server/queue/open-queue.ts): the
//   counts, start and end of runs; queued, queued_ms and leased of batches and groups; the end of empty leases;
// - by triggers, whichever statement writes the row (drizzle/0001_triggers.sql): a job's transition becomes an event and
//   the job's rev; batches keep the weights of their pool and group; devices and batches keep `held`; the end of a run
//   is counted in its org and becomes an event, and what failed in it is kept for its branch (0019_base_lanes.sql);
// - by the verb that writes the row: all others (installs, strikes, setup_ms, the counts of a new run and its batches).

const counter = () => integer().notNull().default(0);

export const jobs = sqliteTable(
  'jobs',
  {
    seq: integer().primaryKey(),
    id: text().notNull(),
    runId: text().notNull(),
    orgId: text().notNull(),
    batchId: integer().notNull(),
    groupId: integer().notNull(),
    appVersionId: text().notNull(),
    target: text().notNull(),
    framework: text().notNull(),
    testPath: text().notNull(),
    priority: integer().notNull(),
    status: text().notNull(),
    outcome: text(),
    waitReason: text(),
    runAt: integer(),
    attempt: counter(),
    maxRetries: integer().notNull(),
    retryFailedTests: integer().notNull(),
    failures: counter(),
    /** How many of the failures were reports that said nothing. */
    reportErrors: counter(),
    testFailures: counter(),
    crashes: counter(),
    releases: counter(),
    timeoutMs: integer().notNull(),
    estimateMs: integer().notNull(),
    /** Its place in the batch, lower first (server/scheduling/job-order.ts). */
    sortKey: counter(),
    queueDeadline: integer().notNull(),
    leaseId: text(),
    agentId: text(),
    deviceId: text(),
    avoidDevice: text(),
    avoidUntil: integer(),
    cancelRequestedAt: integer(),
    error: text(),
    /** 1: all that failed in it fails on the base branch too; 0: not all of it; null: that is not known. */
    knownFailure: integer(),
    /** The run of the base branch that it was compared with. */
    knownRunId: text(),
    /** What excuses all that failed in it, [[id, owner, ends_at]…] of quarantines (JSON); null: something failed that none excuses. */
    quarantines: text(),
    durationMs: integer(),
    /** How many tests its last finished attempt ran, where it ran a selection. */
    retriedTests: integer(),
    rev: integer().notNull(),
    submittedAt: integer().notNull(),
    startedAt: integer(),
    changedAt: integer().notNull(),
    finalizedAt: integer(),
  },
  (job) => [
    uniqueIndex('jobs_id').on(job.id),
    // The held GET of a run: what changed since a rev.
    index('jobs_rev').on(job.runId, job.rev),
    // How some tests of a run ended, and which have a text: the jobs themselves are wide.
    index('jobs_run_path').on(job.runId, job.testPath),
    // After the one of paths: of two that serve alike SQLite takes the later one, and this one gives the jobs in the order of
    // their rows.
    index('jobs_run').on(job.runId),
    // Lists: newest first by seq, which every index carries; one for each filter that is offered.
    index('jobs_org').on(job.orgId),
    index('jobs_org_status').on(job.orgId, job.status),
    index('jobs_group').on(job.groupId),
    index('jobs_agent').on(job.agentId).where(sql`agent_id IS NOT NULL`),
    // choose: the jobs of a batch in their order.
    index('jobs_batch').on(job.batchId, job.sortKey).where(sql`status = 'queued'`),
    // ticker: who may queue again, who is out of time.
    index('jobs_wait').on(job.runAt).where(sql`status = 'waiting'`),
    index('jobs_expire').on(job.queueDeadline).where(sql`status IN ('waiting', 'queued')`),
    // take, heartbeat, rescue: the jobs of a lease.
    index('jobs_lease').on(job.leaseId).where(sql`lease_id IS NOT NULL`),
    // rescue: who runs past its time.
    index('jobs_running').on(sql`(started_at + timeout_ms)`).where(sql`status = 'running'`),
    // Dead letters, newest first.
    index('jobs_dead').on(job.orgId).where(sql`status IN ('failed', 'errored')`),
    // The red jobs of a run.
    index('jobs_red').on(job.runId).where(sql`status IN ('failed', 'errored')`),
    check('jobs_status', sql`status IN ${sqlList(jobStatuses)}`),
    check('jobs_outcome', sql`outcome IN ${sqlList(outcomes)}`),
    check('jobs_wait_reason', sql`wait_reason IN ${sqlList(waitReasons)}`),
    check('jobs_leased', sql`(lease_id IS NOT NULL) = (status IN ('scheduled', 'running'))`),
    check('jobs_finalized', sql`(finalized_at IS NOT NULL) = (status IN ${sqlList(finalJobStatuses)})`),
    check('jobs_waiting', sql`(status = 'waiting') = (run_at IS NOT NULL)`),
    check('jobs_waiting_why', sql`(status = 'waiting') = (wait_reason IS NOT NULL)`),
    check('jobs_judged', sql`(finalized_at IS NOT NULL) = (outcome IS NOT NULL)`),
  ],
);

export { agents, devices, keys, tokens, webSessions } from './schema-agents.ts';
export { audit } from './schema-audit.ts';
export { baseFailures, baseRuns } from './schema-base-runs.ts';
export { borrows } from './schema-borrows.ts';
export { githubChecks, githubComments } from './schema-checks.ts';
export { countedEvents, events } from './schema-events.ts';
export { figures, figuresCursor } from './schema-figures.ts';
export { githubBindings, githubSignIns } from './schema-github.ts';
export { attempts, leases } from './schema-leases.ts';
export { outbox, webhooks } from './schema-outbox.ts';
export { prunedRuns } from './schema-pruned-runs.ts';
export { quarantines } from './schema-quarantines.ts';
export { batches, durations, groups, pools } from './schema-queue.ts';
export { orgs, runs } from './schema-runs.ts';
export { ledgerCursor, testFailures, testSources, tests } from './schema-tests.ts';
export { runWatches } from './schema-watches.ts';
