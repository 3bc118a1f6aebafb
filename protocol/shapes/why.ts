import * as z from 'zod';
import { blockReasons, jobStatuses } from '../states.ts';
import { Instant, Ms } from './common.ts';

/** What keeps a job from starting now. */
export const Block = z.object({
  reason: z.enum(blockReasons),
  message: z.string(),
  until: Instant.nullable().describe('When it ends by itself; null where somebody has to do something'),
});
export type Block = z.infer<typeof Block>;

/** Why a job has not started, from the numbers that the scheduler uses. */
export const Why = z.object({
  job_id: z.string(),
  status: z.enum(jobStatuses),
  position: z.int().nullable().describe('Its place in its pool, 1 is next; null unless it is queued'),
  blocked_by: z.array(Block),
  notes: z
    .array(z.string())
    .default([])
    .describe('What makes it wait longer and does not block it: devices that are borrowed'),
  starts_in_ms: Ms.nullable().describe('Estimate until its start; null where it cannot be told'),
});
export type Why = z.infer<typeof Why>;
