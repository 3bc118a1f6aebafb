import * as z from 'zod';
import { limits } from '../limits.ts';
import { errorClasses, jobStatuses, outcomes, testStatuses, verdicts, waitReasons } from '../states.ts';
import {
  AppVersionId,
  FrameworkName,
  Instant,
  Ms,
  NextCursor,
  OrgId,
  Page,
  queryInt,
  Target,
  TestPath,
} from './common.ts';

/** The id by which a framework knows a test exactly. */
export const TestId = z.string().min(1).max(limits.testIdLength);

/** One test case of a report. */
export const TestCase = z.strictObject({
  id: TestId.optional().describe("The framework's own exact id of the test"),
  name: z.string().max(2000),
  file: z.string().max(1000).optional(),
  line: z.int().min(0).optional(),
  status: z.enum(testStatuses),
  duration_ms: Ms,
  message: z.string().max(20_000).optional(),
});
export type TestCase = z.infer<typeof TestCase>;

/** What a report counted, listed or not: of `total` cases `listed` are in `tests`. */
export const Report = z.strictObject({
  total: z.int().min(0),
  passed: z.int().min(0),
  failed: z.int().min(0),
  skipped: z.int().min(0),
  flaky: z.int().min(0).describe('A part of passed'),
  listed: z.int().min(0),
  complete: z
    .boolean()
    .optional()
    .describe(
      'Of a failure: every test that was to run did, and nothing but the failed ones went wrong. Absent: not known',
    ),
});
export type Report = z.infer<typeof Report>;

/** The session of an attempt at a device provider. */
export const Provider = z.strictObject({
  name: z.string().max(100),
  session_id: z.string().max(200),
  url: z.string().max(2000),
});
export type Provider = z.infer<typeof Provider>;

/** A quarantine that excuses a failure. */
const QuarantinedBy = z.object({
  quarantine_id: z.string(),
  owner: z.string(),
  ends_at: Instant.describe('From then on it excuses nothing: a run that ends later counts the failure'),
});

export const Job = z.object({
  job_id: z.string(),
  run_id: z.string(),
  org_id: OrgId,
  app_version_id: AppVersionId,
  test_path: TestPath,
  target: Target,
  framework: FrameworkName.nullable(),
  priority: z.int(),
  status: z.enum(jobStatuses),
  outcome: z.enum(outcomes).nullable(),
  wait_reason: z.enum(waitReasons).nullable(),
  attempt: z.int().describe('Attempts started so far; the last one is the one shown'),
  max_retries: z.int(),
  retry_failed_tests: z.int(),
  failures: z.int(),
  test_failures: z.int(),
  crashes: z.int(),
  releases: z.int(),
  agent_id: z.string().nullable(),
  device_id: z.string().nullable(),
  lease_id: z.string().nullable(),
  submitted_at: Instant,
  run_at: Instant.nullable().describe('When a waiting job is queued again'),
  started_at: Instant.nullable(),
  finished_at: Instant.nullable(),
  duration_ms: Ms.nullable(),
  error: z.string().nullable(),
  provider: Provider.nullable(),
  tests: z.array(TestCase).nullable().describe('Merged over its attempts; in lists null'),
  report: Report.nullable()
    .default(null)
    .describe('What its attempts counted, merged; `tests` lists 5000 at most'),
  retried_tests: z
    .int()
    .nullable()
    .default(null)
    .describe('How many tests its last finished attempt ran; null: all of the file'),
  known_failure: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'Of a failed job: every case that failed in it failed in the last finished run of the base branch too; null: not known',
    ),
  known_run_id: z
    .string()
    .nullable()
    .default(null)
    .describe('The run of the base branch that was compared with'),
  quarantined_by: z
    .array(QuarantinedBy)
    .nullable()
    .default(null)
    .describe(
      'Of a failed job: the quarantines that excuse all that failed in it, as they were then; null: something failed that none excuses, or by the end of the run one of them held no more',
    ),
  rev: z.int(),
});
export type Job = z.infer<typeof Job>;

export const Attempt = z.object({
  attempt: z.int(),
  lease_id: z.string(),
  agent_id: z.string(),
  device_id: z.string(),
  started_at: Instant,
  finished_at: Instant.nullable(),
  duration_ms: Ms.nullable(),
  verdict: z.enum(verdicts).nullable(),
  error_class: z.enum(errorClasses).nullable(),
  error: z.string().nullable(),
  tests: z.array(TestCase).nullable().describe('Those that it ran'),
  report: Report.nullable().default(null),
  retried_tests: z
    .int()
    .nullable()
    .default(null)
    .describe('It ran so many tests alone; null: all of the file'),
  provider: Provider.nullable(),
});
export type Attempt = z.infer<typeof Attempt>;

export const AttemptList = z.object({ attempts: z.array(Attempt), next_cursor: NextCursor });

/** `completed`: the word of earlier systems for passed. */
const StatusFilter = z.enum([...jobStatuses, 'completed']);

export const JobFilters = z.strictObject({
  ...Page,
  org_id: OrgId.optional(),
  status: StatusFilter.optional(),
  app_version_id: AppVersionId.optional(),
  target: Target.optional(),
  run_id: z.string().max(100).optional(),
  agent_id: z.string().max(100).optional(),
});
export type JobFilters = z.infer<typeof JobFilters>;

export const JobList = z.object({ jobs: z.array(Job), next_cursor: NextCursor });
export type JobList = z.infer<typeof JobList>;

/** A GET with `wait_ms` (ms) is a long poll: answered once `rev` is above `after_rev`, or when the time is over. */
export const LongPollQuery = z.strictObject({
  after_rev: queryInt(0, Number.MAX_SAFE_INTEGER).optional(),
  wait_ms: queryInt(0, limits.longPollMs).optional(),
});
/** Of a run: `on_client_gone=keep` is the last GET of a client that leaves and wants the run to go on. */
export const RunPollQuery = LongPollQuery.extend({ on_client_gone: z.literal('keep').optional() });
export type LongPollQuery = z.infer<typeof LongPollQuery>;

export const LogQuery = z.strictObject({
  attempt: queryInt(1, 1000).optional(),
  offset: queryInt(0, Number.MAX_SAFE_INTEGER).optional(),
});
export type LogQuery = z.infer<typeof LogQuery>;
