import * as z from 'zod';
import { limits } from '../limits.ts';
import { commentPolicies, conclusions, runReasons, runStatuses } from '../states.ts';
import {
  AppVersionId,
  FrameworkName,
  Instant,
  NewTestPath,
  NextCursor,
  OrgId,
  Page,
  Priority,
  Target,
} from './common.ts';
import { Hunt, HuntTimes, isPlainHunt, whyNotPlain } from './hunt.ts';
import { Job } from './job.ts';
import { Branch, Github, Source } from './origin.ts';
import { Grep, Params, Traceparent } from './selection.ts';

const runSettings = {
  org_id: OrgId.optional().describe('Required with the operator token; otherwise the token says it'),
  app_version_id: AppVersionId,
  target: Target.optional(),
  priority: Priority.optional(),
  max_retries: z.int().min(0).max(20).optional(),
  retry_failed_tests: z.int().min(0).max(20).optional(),
  timeout_ms: z
    .int()
    .min(1000)
    .max(24 * 3_600_000)
    .optional(),
  queue_timeout_ms: z.int().min(1000).max(limits.maxDelayMs).optional(),
  delay_ms: z.int().min(0).max(limits.maxDelayMs).optional(),
  framework: FrameworkName.optional(),
  source: Source.optional(),
  params: Params.optional().describe('Values for the tests: `QGJOB_PARAM_<name>` in their environment'),
  grep: Grep.optional().describe(
    'Run the tests of each file whose title matches this regular expression; needs the framework playwright',
  ),
  traceparent: Traceparent.optional().describe(
    'The span that its queueing, leases and attempts are below; the tests get it as `TRACEPARENT`',
  ),
  metadata: z
    .record(z.string().max(100), z.string().max(2000))
    .refine((given) => Object.keys(given).length <= 100, 'at most 100 keys')
    .optional(),
  allow_no_device: z
    .boolean()
    .optional()
    .describe('Queue also for a target that no device has ever offered, and wait for one'),
  max_failures: z
    .int()
    .min(1)
    .max(limits.testsPerRun)
    .optional()
    .describe('Once so many jobs have failed, after their retries, nothing more of the run starts'),
  fail_on: z
    .enum(['any', 'new'])
    .optional()
    .describe('`new`: failures that the base branch has too are no reason to fail, if some test passed'),
  branch: Branch.optional().describe('The branch that is tested; with `github` that says it'),
  base: Branch.optional().describe('The branch whose failures are known ones; with `github` that says it'),
  fail_on_flaky: z.boolean().optional(),
  hunt_times: HuntTimes.optional(),
  hold_minutes: z
    .int()
    .min(1)
    .max(limits.borrowMinutes)
    .optional()
    .describe(
      'Once a job has failed, its device stays as it is for so long, borrowed; one device of the run at a time',
    ),
  supersede: z.boolean().optional(),
  on_client_gone: z.enum(['keep', 'cancel']).optional(),
  comment: z
    .enum(commentPolicies)
    .optional()
    .describe(
      'When the server, where it reports the run (`report_by`), writes the comment in the pull request of `github`; without it, never',
    ),
  github: Github.optional(),
};

export const SubmitRun = z
  .strictObject({
    ...runSettings,
    targets: z.array(Target).min(1, 'name at least one target').max(50).optional(),
    tests: z
      .array(NewTestPath)
      .min(1, 'tests is empty: name at least one test file')
      .max(limits.testsPerRun, `a run has at most ${limits.testsPerRun} tests`),
  })
  .refine((body) => !(body.target && body.targets), {
    path: ['targets'],
    message: 'target and targets exclude each other: give one of them',
  })
  .refine((body) => body.hunt_times === undefined || new Set(body.tests).size === 1, {
    path: ['tests'],
    message: 'a hunt has one test',
  })
  .refine(isPlainHunt, whyNotPlain);
export type SubmitRun = z.infer<typeof SubmitRun>;

export const SubmitJob = z
  .strictObject({ ...runSettings, test_path: NewTestPath })
  .refine(isPlainHunt, whyNotPlain);
export type SubmitJob = z.infer<typeof SubmitJob>;

const count = z.int().min(0);
export const Counts = z.object({
  waiting: count,
  queued: count,
  scheduled: count,
  running: count,
  passed: count,
  failed: count,
  errored: count,
  cancelled: count,
  flaky: count.describe('A part of passed'),
});
export type Counts = z.infer<typeof Counts>;

export const Run = z.object({
  run_id: z.string(),
  org_id: OrgId,
  app_version_id: AppVersionId,
  status: z.enum(runStatuses),
  conclusion: z.enum(conclusions).nullable(),
  reason: z.enum(runReasons).nullable(),
  counts: Counts,
  installs: z.int(),
  installs_saved: z.int(),
  install_ms: z
    .int()
    .nullable()
    .default(null)
    .describe('What one install takes, the mean of measured ones, ms; null before the first was measured'),
  serves: z
    .int()
    .describe('How often web servers of the suite were started, for all slots of a host at once'),
  retry_of: z.string().nullable(),
  passed_before: z
    .int()
    .default(0)
    .describe(
      'Jobs of the submit that passed in an earlier attempt of its GitHub job, and are not in this run',
    ),
  submitted_at: Instant,
  started_at: Instant.nullable(),
  finished_at: Instant.nullable(),
  metadata: z.record(z.string(), z.string()),
  github: Github.loose().nullable().default(null).describe('The workflow that submitted it'),
  report_by: z.enum(['server', 'action']),
  hunt: Hunt.nullable().default(null).describe('Null: the run is no hunt'),
  url: z.string(),
  rev: z.int(),
});
export type Run = z.infer<typeof Run>;

export const SubmitAnswer = z.object({
  run: Run,
  jobs: z.array(Job),
  warnings: z
    .array(z.string())
    .optional()
    .describe('What the submitter should know though the run was taken: a target that no device offers yet'),
});
export type SubmitAnswer = z.infer<typeof SubmitAnswer>;

export const RunWithJobs = Run.extend({
  jobs: z.array(Job).describe('Those whose rev is above after_rev, in order of rev, 500 at most'),
  more: z.boolean().optional(),
});
export type RunWithJobs = z.infer<typeof RunWithJobs>;

export const RunFilters = z.strictObject({
  ...Page,
  org_id: OrgId.optional(),
  status: z.enum([...runStatuses, 'completed']).optional(),
  app_version_id: AppVersionId.optional(),
  github_run_id: z
    .string()
    .regex(/^\d{1,15}$/, 'the id of a run of a workflow is a number')
    .optional()
    .describe('Those that this run of a workflow submitted, all its attempts'),
});
export type RunFilters = z.infer<typeof RunFilters>;

export const RunList = z.object({ runs: z.array(Run), next_cursor: NextCursor });
export type RunList = z.infer<typeof RunList>;

export const RetryBody = z.strictObject({ only: z.enum(['all', 'failed']).optional() });
export type RetryBody = z.infer<typeof RetryBody>;
