import * as z from 'zod';
import { limits } from '../limits.ts';
import { borrowEnds, borrowStatuses } from '../states.ts';
import { Instant, NextCursor, OrgId, Page, queryInt, Target } from './common.ts';

const Minutes = z
  .int('minutes must be a whole number')
  .min(1, 'a device is borrowed for at least one minute')
  .max(limits.borrowMinutes, `a device is borrowed for at most ${limits.borrowMinutes} minutes at a time`);

const Note = z.string().trim().min(1).max(300).describe('For what, or for whom: others of the org see it');

/** One device for a person, by its id; in turn with the jobs that wait for it. */
export const BorrowDevice = z.strictObject({
  minutes: Minutes,
  note: Note.optional(),
  org_id: OrgId.optional().describe('For whom the operator borrows; without it for the operator'),
});
export type BorrowDevice = z.infer<typeof BorrowDevice>;

export const CreateBorrow = z
  .strictObject({
    ...BorrowDevice.shape,
    device_id: z.string().max(100).optional(),
    target: Target.optional().describe('Any device of the pool that serves the org'),
    on_client_gone: z
      .enum(['keep', 'cancel'])
      .optional()
      .describe('`cancel`: while it waits, it ends when nobody has asked for it for a minute'),
  })
  .refine((body) => (body.device_id === undefined) !== (body.target === undefined), {
    path: ['target'],
    message: 'name a device_id or a target, one of them',
  });
export type CreateBorrow = z.infer<typeof CreateBorrow>;

export const ExtendBorrow = z.strictObject({
  minutes: Minutes.describe('From now on; an end that is later stays'),
});
export type ExtendBorrow = z.infer<typeof ExtendBorrow>;

/** What one needs to use the device. */
const BorrowedDevice = z.object({
  device_id: z.string(),
  name: z.string(),
  agent_id: z.string(),
  agent: z.string().describe('The name of its agent'),
  platform: z.string().nullable(),
  os_version: z.string().nullable(),
  labels: z.record(z.string(), z.string()),
});

/** A device that a person has for a while, or waits for. */
export const Borrow = z.object({
  borrow_id: z.string(),
  org_id: OrgId.nullable().describe("Null: the operator's own"),
  status: z.enum(borrowStatuses),
  ended_as: z.enum(borrowEnds).nullable(),
  target: Target,
  device_id: z.string().nullable().describe('The one that it has, or the one that it waits for by name'),
  device: BorrowedDevice.nullable(),
  borrowed_by: z.string().describe('The name of the token'),
  note: z.string().nullable(),
  minutes: z.int(),
  run_id: z.string().nullable().describe('The run after whose failed job the device was held'),
  job_id: z.string().nullable(),
  requested_at: Instant,
  borrowed_at: Instant.nullable(),
  borrowed_until: Instant.nullable(),
  ended_at: Instant.nullable(),
  position: z
    .int()
    .nullable()
    .describe('While it waits: 1 is next, jobs and borrows that came before it counted'),
  waits_for: z.string().nullable().describe('While it waits: what for, in words'),
});
export type Borrow = z.infer<typeof Borrow>;
export const BorrowList = z.object({ borrows: z.array(Borrow), next_cursor: NextCursor });

export const BorrowPageQuery = z.strictObject({
  ...Page,
  org_id: OrgId.optional(),
  status: z.enum(borrowStatuses).optional(),
  device_id: z.string().max(100).optional(),
  run_id: z.string().max(100).optional(),
});
export type BorrowPageQuery = z.infer<typeof BorrowPageQuery>;

export const BorrowPollQuery = z.strictObject({
  wait_ms: queryInt(0, limits.longPollMs).optional().describe('Held while it waits'),
});
