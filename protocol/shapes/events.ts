import * as z from 'zod';
import { Instant, OrgId, queryInt } from './common.ts';

/** A stream of events ends after ten minutes at the latest, and its reader goes on where it was. */
export const longestStreamMs = 600_000;

export const EventsQuery = z.strictObject({
  org_id: OrgId.optional(),
  run_id: z.string().max(100).optional(),
  job_id: z.string().max(100).optional(),
  wait_ms: queryInt(0, longestStreamMs).optional(),
});

/** The data of one event of the stream. */
export const StreamedEvent = z.object({
  seq: z.int(),
  type: z
    .string()
    .describe('The state that a job came to; or `submitted`, `run_ended`, `cancel_requested` and others'),
  org_id: z.string(),
  run_id: z.string().nullable(),
  job_id: z.string().nullable(),
  at: Instant,
});
export type StreamedEvent = z.infer<typeof StreamedEvent>;
