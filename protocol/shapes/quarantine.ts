import * as z from 'zod';
import { isPlainName } from '../clean-text.ts';
import { limits } from '../limits.ts';
import { lanes } from '../states.ts';
import { Cursor, Instant, NextCursor, OrgId, queryInt, Target } from './common.ts';

const line = (what: string, length: number) =>
  z
    .string()
    .trim()
    .min(1, `${what} must not be empty`)
    .max(length, `${what} has at most ${length} characters`)
    .refine(isPlainName, `${what} is one line, without control characters`);

export const AddQuarantine = z.strictObject({
  test_id: z.string().max(100),
  owner: line('owner', 200).describe('Who mends the test: a person or a team'),
  reason: line('reason', 1000),
  ends_at: Instant.describe('From then on its failures count again; at most 90 days ahead'),
  lanes: z
    .array(z.enum(lanes))
    .min(1, 'name at least one lane')
    .max(lanes.length)
    .optional()
    .describe('`merge_queue`: runs of a merge group; `pull_request`: all others. Default: both'),
});
export type AddQuarantine = z.infer<typeof AddQuarantine>;

/** What the server's last hunt of a quarantined test has found. */
export const QuarantineHunt = z.object({
  run_id: z.string(),
  ended_at: Instant,
  times: z.int().describe('Executions that it was to have'),
  observed: z
    .int()
    .describe(
      'Those in which the test had a verdict: not errors, timeouts, lost agents and what never began',
    ),
  failed: z.int(),
  low: z.number().describe('The share that fails is above this at 95 %'),
  high: z.number().describe('And below this (Clopper and Pearson)'),
  branch: z.string().nullable().describe('Whose code it ran; null: its run named none'),
  commit: z.string().nullable(),
  is_base: z.boolean().describe('That is the base branch, or no run of the test names a branch'),
});
export type QuarantineHunt = z.infer<typeof QuarantineHunt>;

export const Quarantine = z.object({
  quarantine_id: z.string(),
  org_id: OrgId,
  test_id: z.string(),
  repository_id: z.string(),
  target: Target,
  test_path: z.string(),
  file: z.string().nullable(),
  title: z.string().nullable().describe('Null: the whole test file'),
  case_id: z.string().nullable(),
  owner: z.string(),
  reason: z.string(),
  lanes: z.array(z.enum(lanes)),
  status: z.enum(['active', 'ended']),
  created_at: Instant,
  created_by: z.string().describe('Name and id of the token'),
  changed_at: Instant,
  changed_by: z.string(),
  ends_at: Instant.describe('Of one that was removed: when that was'),
  removed: z.boolean().describe('Somebody ended it before its time'),
  hunt: QuarantineHunt.nullable()
    .default(null)
    .describe('The last hunt that the server made of the test by itself; null: none had a verdict'),
  hunting_run_id: z.string().nullable().default(null).describe('The hunt that goes on'),
});
export type Quarantine = z.infer<typeof Quarantine>;

export const QuarantineFilters = z.strictObject({
  org_id: OrgId.optional().describe('Required with the operator token where there are several orgs'),
  status: z.enum(['active', 'ended']).optional().describe('Ended ones are listed for 90 days'),
  limit: queryInt(1, limits.maxPageSize).optional(),
  cursor: Cursor.optional(),
});
export type QuarantineFilters = z.infer<typeof QuarantineFilters>;

export const QuarantineList = z.object({ quarantines: z.array(Quarantine), next_cursor: NextCursor });
