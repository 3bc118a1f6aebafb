import * as z from 'zod';
import { artifactKinds, conclusions, jobStatuses, outcomes, runReasons, runStatuses } from '../states.ts';
import { AppVersionId, Instant, Ms, OrgId, Target } from './common.ts';
import { Counts } from './run.ts';
import { Block } from './why.ts';

/** A run by which one finds what changed. */
const RunRef = z.object({
  run_id: z.string(),
  commit: z.string().nullable().describe('Null where the submit named none'),
  app_version_id: AppVersionId,
  submitted_at: Instant,
});
export type RunRef = z.infer<typeof RunRef>;

/** Jobs that ended red in the same way, told by the first of them. Texts are cut. */
const ExplainedFailure = z.object({
  job_id: z.string(),
  test_path: z.string(),
  target: Target,
  status: z.enum(jobStatuses),
  outcome: z.enum(outcomes).nullable(),
  test: z.string().nullable().describe('The first case that failed; null where none is named'),
  at: z.string().nullable().describe('Its file:line'),
  tests_failed: z.int().describe('Cases of the job that failed'),
  error: z.string().nullable().describe('The first line of the error'),
  device: z.string().nullable().describe('agent/device of the last attempt'),
  attempts: z.int(),
  known_failure: z.boolean().nullable().describe('Whether the base branch fails so too; null: not known'),
  quarantined: z.boolean().describe('Whether all that failed in it is in quarantine'),
  since: RunRef.nullable().describe(
    'The first of the runs in a row in which the file failed; null: it is this one',
  ),
  passed_in: RunRef.nullable().describe('The last run before in which the file passed; null: none was found'),
  evidence: z
    .array(z.object({ kind: z.enum(artifactKinds), url: z.string() }))
    .describe('The log of the last attempt, and what says most of what it left'),
  alike: z.int().describe('Other jobs of the run that ended with the same error'),
});
export type ExplainedFailure = z.infer<typeof ExplainedFailure>;

/** What a run came to, and why, in at most 4 kB of JSON. */
export const ExplainedRun = z.object({
  run_id: z.string(),
  org_id: OrgId,
  url: z.string(),
  status: z.enum(runStatuses),
  conclusion: z.enum(conclusions).nullable(),
  reason: z.enum(runReasons).nullable(),
  app_version_id: AppVersionId,
  commit: z.string().nullable(),
  submitted_at: Instant,
  duration_ms: Ms.nullable().describe('From the submit to the end; null while it goes on'),
  counts: Counts,
  installs: z.int(),
  installs_saved: z.int(),
  failures: z
    .array(ExplainedFailure)
    .describe('New ones first, those in quarantine last, each kind of error once'),
  failures_left_out: z.int().describe('Failed and errored jobs that these do not tell of'),
  next: z
    .object({ job_id: z.string(), starts_in_ms: Ms.nullable(), blocked_by: z.array(Block) })
    .nullable()
    .describe('Of a run that goes on: a job that has not started, and what it waits for'),
});
export type ExplainedRun = z.infer<typeof ExplainedRun>;
