import { integer, sqliteTable, text } from './drizzle.ts';

/**
 * What happened, in order. The triggers on `jobs` write a row for every transition of a job. The statements that end a
 * commit turn those rows into counters (server/queue/open-queue.ts); the event notifier wakes long polls by them.
 */
export const events = sqliteTable('events', {
  seq: integer().primaryKey(),
  at: integer().notNull(),
  /** The state that a job came to, or what else happened: submitted, cancel_requested, lease_lost, run_ended,
   * drain, pool_changed. */
  type: text().notNull(),
  /** The state that the job was in before; null where no job changed its state. */
  was: text(),
  orgId: text().notNull(),
  runId: text(),
  jobId: text(),
  jobSeq: integer(),
  leaseId: text(),
  agentId: text(),
  poolId: integer(),
  /** Attempts that this transition started, 0 or 1. */
  started: integer().notNull().default(0),
  /** How many jobs it is about. */
  n: integer().notNull().default(1),
});

/** One row (id 1): up to which event the counters are right. */
export const countedEvents = sqliteTable('counted_events', {
  id: integer().primaryKey(),
  seq: integer().notNull(),
});
