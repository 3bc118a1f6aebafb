import { index, integer, primaryKey, real, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';

const counter = () => integer().notNull().default(0);

/** Jobs of one org, app version and target: they share an install. */
export const groups = sqliteTable(
  'groups',
  {
    id: integer().primaryKey(),
    orgId: text().notNull(),
    appVersionId: text().notNull(),
    target: text().notNull(),
    /** Mean duration of the past installs, at first that of the org's last group on the target; null before the first. */
    setupMs: integer(),
    queued: counter(),
    queuedMs: counter(),
    /** Sum of the weights of its batches with queued jobs. */
    queuedWeight: real().notNull().default(0),
    leased: counter(),
    /** Jobs that wait for an instant: a delay, a backoff. */
    waiting: counter(),
    installFailures: counter(),
    installFailedDevice: text(),
  },
  (group) => [
    uniqueIndex('groups_key').on(group.orgId, group.appVersionId, group.target),
    // GET /v1/groups: those that hold work.
    index('groups_live').on(group.id).where(sql`queued + leased > 0`),
    // The metrics: those whose jobs wait for an instant.
    index('groups_waiting').on(group.id).where(sql`waiting > 0`),
    // submit: how much waits in the groups of an org.
    index('groups_org_live').on(group.orgId).where(sql`queued + waiting > 0`),
    // The last measured install of an org on a target.
    index('groups_setup').on(group.orgId, group.target, group.id).where(sql`setup_ms IS NOT NULL`),
  ],
);

/** The devices that may serve a batch. Owner '' is the shared pool. */
export const pools = sqliteTable(
  'pools',
  {
    id: integer().primaryKey(),
    owner: text().notNull(),
    target: text().notNull(),
    /** When a device of this pool first had the target; null: none ever had. */
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
    /** 1: the duration of its tests was unknown at the submit. */
    guessed: counter(),
    /** 1: a device of the pool has the group installed, fit for work or not. */
    held: counter(),
    /** 1 from the moment its jobs are queued until the pool's virtual clock has passed its tag. */
    virtual: integer().notNull().default(1),
    /** 1: each of its jobs gets a lease of its own. */
    lone: counter(),
    queued: counter(),
    queuedMs: counter(),
    /** The queued jobs of a hunt, which has the priority 0: it counts in `queued`, weights and clocks of nothing. */
    hunted: counter(),
    /** When its delayed jobs are due; null once the first is queued. Until then the tag is a distance from the clock. */
    runAt: integer(),
    // The same for all its jobs.
    maxRetries: integer().notNull(),
    retryFailedTests: integer().notNull(),
    timeoutMs: integer().notNull(),
    queueDeadline: integer().notNull(),
    /** Set where no device ever had the target: its jobs end then, unless one has it meanwhile. */
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
    // The metrics: what has waited longest on a target.
    index('batches_oldest').on(batch.target, batch.submittedAt).where(sql`queued > 0`),
    // Borrows: whether something queued came before.
    index('batches_arrived').on(batch.poolId, batch.submittedAt).where(sql`queued > 0`),
    // The hunts of a pool, for devices that have nothing else to do.
    index('batches_hunted').on(batch.poolId, batch.submittedAt).where(sql`hunted > 0`),
    // The virtual clock: who leaves next.
    index('batches_virtual').on(batch.poolId, batch.tag).where(sql`virtual = 1`),
  ],
);

/** How a test went on a target, for the estimate and the place of its next run. Outlives runs that are pruned. */
export const durations = sqliteTable(
  'durations',
  {
    orgId: text().notNull(),
    /** The repository that the submit named, or '': the same path in another repository is another test. */
    repositoryId: text().notNull().default(''),
    target: text().notNull(),
    testPath: text().notNull(),
    /** A running 0.8-expectile: about four of five runs take less. */
    p80Ms: integer().notNull(),
    /** When its last finished run failed; null where that run passed. 0: no run of it has finished. */
    failedAt: integer(),
    changedAt: integer().notNull(),
  },
  (duration) => [
    primaryKey({
      columns: [duration.orgId, duration.repositoryId, duration.target, duration.testPath],
    }),
  ],
);
