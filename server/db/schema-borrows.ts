import { borrowEnds, borrowStatuses } from '../../protocol/states.ts';
import { check, index, integer, sql, sqliteTable, text, uniqueIndex } from './drizzle.ts';
import { sqlList } from './sql-list.ts';

/** Devices that persons have for a while, or wait for. While a row is active, its device gets no lease. */
export const borrows = sqliteTable(
  'borrows',
  {
    id: text().primaryKey(),
    /** '' where it is the operator's own. */
    orgId: text().notNull(),
    /** The pool in which it waits. */
    poolId: integer().notNull(),
    target: text().notNull(),
    /** The device that was named; null: any of the pool. */
    wantedDevice: text(),
    /** The device that it has, or had. */
    deviceId: text(),
    status: text().notNull().default('waiting'),
    minutes: integer().notNull(),
    note: text(),
    /** The name of the token that asked for it. */
    borrowedBy: text().notNull(),
    /** Its id: to borrow the device again is an extension for this token alone; null: of a time before it was kept. */
    tokenId: text(),
    /** The failed job after which the device was held. */
    runId: text(),
    jobId: text(),
    idempotencyKey: text(),
    /** Of what came with the key. */
    requestHash: text(),
    requestedAt: integer().notNull(),
    /** While it waits: it ends then, unless somebody asks for it again; null: nobody has to. */
    watchedUntil: integer(),
    grantedAt: integer(),
    until: integer(),
    endedAt: integer(),
    endedAs: text(),
  },
  (borrow) => [
    // One device, one borrow; and whether a device may get a lease.
    uniqueIndex('borrows_device').on(borrow.deviceId).where(sql`status = 'active'`),
    // grant: who waits in a pool.
    index('borrows_waiting').on(borrow.poolId, borrow.requestedAt, borrow.id).where(sql`status = 'waiting'`),
    // ticker: whose time is over.
    index('borrows_until').on(borrow.until).where(sql`status = 'active'`),
    // The cap of an org counts its borrowed devices.
    index('borrows_active').on(borrow.orgId).where(sql`status = 'active'`),
    // GET /v1/borrows, and those of a run; one for each key.
    index('borrows_org').on(borrow.orgId, borrow.id),
    index('borrows_run').on(borrow.runId, borrow.id).where(sql`run_id IS NOT NULL`),
    uniqueIndex('borrows_key')
      .on(borrow.orgId, borrow.idempotencyKey)
      .where(sql`idempotency_key IS NOT NULL`),
    // prune: the oldest ends.
    index('borrows_ended').on(borrow.endedAt).where(sql`ended_at IS NOT NULL`),
    check('borrows_status', sql`status IN ${sqlList(borrowStatuses)}`),
    check('borrows_end', sql`ended_as IN ${sqlList(borrowEnds)}`),
    check(
      'borrows_ends',
      sql`(ended_at IS NOT NULL) = (status = 'ended') AND (ended_as IS NOT NULL) = (status = 'ended')`,
    ),
    check(
      'borrows_granted',
      sql`(granted_at IS NULL) = (device_id IS NULL) AND (granted_at IS NULL) = (until IS NULL)`,
    ),
    check('borrows_active_has', sql`status <> 'active' OR device_id IS NOT NULL`),
    check('borrows_waiting_has', sql`status <> 'waiting' OR device_id IS NULL`),
  ],
);
