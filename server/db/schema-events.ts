import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

/**
 * Outbox of what happened, in order. The trigger `jobs_moved` writes a row for every transition of a job; the counters statements that
 * end each commit turn those rows into the counters of runs, batches and groups; the event notifier wakes long polls by them.
 */
export const events = sqliteTable('events', {
  seq: integer().primaryKey(),
  at: integer().notNull(),
  /** The state a job moved to, or what else happened: submitted, cancel_requested, lease_lost, run_ended,
   * drain, pool_changed. */
  type: text().notNull(),
  /** The state that a job moved from; null where no job moved. */
  was: text(),
  orgId: text().notNull(),
  runId: text(),
  jobId: text(),
  jobSeq: integer(),
  leaseId: text(),
  agentId: text(),
  poolId: integer(),
  /** Attempts that this move started, 0 or 1. */
  started: integer().notNull().default(0),
  /** How many jobs it speaks of. */
  n: integer().notNull().default(1),
});

/** One row: up to which event the counters are right. */
export const folded = sqliteTable('folded', { id: integer().primaryKey(), seq: integer().notNull() });
