import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';

const counter = () => integer().notNull().default(0);

/** What shares one install. */
export const groups = sqliteTable(
  'groups',
  {
    id: integer().primaryKey(),
    orgId: text().notNull(),
    appVersionId: text().notNull(),
    target: text().notNull(),
    /** Mean of past installs; null before the first. */
    setupMs: integer(),
    queued: counter(),
    queuedMs: counter(),
    /** Sum of the weights of its batches with queued jobs. */
    queuedWeight: real().notNull().default(0),
    leased: counter(),
    installFailures: counter(),
    installFailedDevice: text(),
  },
  (group) => [
    uniqueIndex('groups_key').on(group.orgId, group.appVersionId, group.target),
    // GET /v1/groups: those that hold work.
    index('groups_live').on(group.id).where(sql`queued + leased > 0`),
  ],
);

/** The devices that may serve a batch. Owner '' is the shared pool. */
export const pools = sqliteTable(
  'pools',
  {
    id: integer().primaryKey(),
    owner: text().notNull(),
    target: text().notNull(),
    /** When a device first offered the target here; null: none ever did. */
    offeredAt: integer(),
    /** The virtual clock as of `v_at`, and the weight of the batches that it has not passed (server/scheduling). */
    v: real().notNull().default(0),
    vAt: integer().notNull().default(0),
    virtualWeight: real().notNull().default(0),
    /** Weight of the batches with queued jobs. */
    queuedWeight: real().notNull().default(0),
  },
  (pool) => [uniqueIndex('pools_key').on(pool.owner, pool.target)],
);

/** The queued jobs of one run in one group: what the scheduler ranks. */
export const batches = sqliteTable(
  'batches',
  {
    id: integer().primaryKey(),
    runId: text().notNull(),
    orgId: text().notNull(),
    groupId: integer().notNull(),
    target: text().notNull(),
    poolId: integer().notNull(),
    sourceHash: text().notNull(),
    framework: text().notNull(),
    priority: integer().notNull(),
    weight: real().notNull(),
    tag: real().notNull(),
    dueAt: integer().notNull(),
    /** 1: nothing was known of how long its tests take. */
    guessed: counter(),
    /** 1: a device of the pool has the group installed, fit for work or not. */
    held: counter(),
    /** 1 from the moment when its jobs are there until the pool's virtual clock has passed the tag. */
    virtual: integer().notNull().default(1),
    queued: counter(),
    queuedMs: counter(),
    /** When its delayed jobs come; null once the first is queued. Until then the tag is its distance from the clock. */
    runAt: integer(),
    // What its jobs have in common when they are made.
    maxRetries: integer().notNull(),
    retryFailedTests: integer().notNull(),
    timeoutMs: integer().notNull(),
    queueDeadline: integer().notNull(),
    /** No device had ever offered the target: its jobs end then, unless one does meanwhile. Null: one had. */
    unofferedUntil: integer(),
    submittedAt: integer().notNull(),
  },
  (batch) => [
    uniqueIndex('batches_key').on(batch.runId, batch.target),
    // choose: the warm batch of a device, and its followers in the group.
    index('batches_warm').on(batch.groupId, batch.tag).where(sql`queued > 0`),
    // choose: the lowest tag that no device holds, and the earliest due of them.
    index('batches_cold').on(batch.poolId, batch.tag).where(sql`queued > 0 AND held = 0`),
    index('batches_due').on(batch.poolId, batch.dueAt).where(sql`queued > 0 AND held = 0`),
    // The ticker's probe, and batches that change their pool; choose: the lowest tag and the earliest due of each org,
    // where others that may not lease stand before it.
    index('batches_orgs').on(batch.poolId, batch.orgId, batch.held, batch.tag).where(sql`queued > 0`),
    index('batches_orgs_due').on(batch.poolId, batch.orgId, batch.held, batch.dueAt).where(sql`queued > 0`),
    // The virtual clock: who leaves next.
    index('batches_virtual').on(batch.poolId, batch.tag).where(sql`virtual = 1`),
  ],
);

/** How long a test took on a target, for the estimate of its next run. */
export const durations = sqliteTable(
  'durations',
  {
    orgId: text().notNull(),
    /** Of the repository that the submit named, else '': the same path in another one is another test. */
    repositoryId: text().notNull().default(''),
    target: text().notNull(),
    testPath: text().notNull(),
    /** A running 0.8-expectile: close to what four of five runs stay under. */
    p80Ms: integer().notNull(),
    changedAt: integer().notNull(),
  },
  (duration) => [
    primaryKey({
      columns: [duration.orgId, duration.repositoryId, duration.target, duration.testPath],
    }),
  ],
);
