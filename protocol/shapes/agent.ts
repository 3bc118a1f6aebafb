import * as z from 'zod';
import { errorCodes } from '../errors.ts';
import { leaseIdPattern } from '../ids.ts';
import { limits } from '../limits.ts';
import { errorClasses, jobStatuses, verdicts } from '../states.ts';
import { AppVersionId, FrameworkName, Instant, Ms, OrgId, Sha256, Target, WaitMs } from './common.ts';
import { Job, Provider, Report, TestCase, TestId } from './job.ts';
import { Source } from './origin.ts';
import { Grep, Params, SourceHash, Traceparent } from './selection.ts';

export const BootId = z.string().regex(/^[A-Za-z0-9_-]{8,64}$/, 'boot_id must be 8 to 64 of A-Z a-z 0-9 _ -');
export const LeaseId = z.string().regex(leaseIdPattern, 'lease_id must be 8 to 64 of A-Z a-z 0-9 _ -');

export const Installed = z.strictObject({ org_id: OrgId, app_version_id: AppVersionId });
export type Installed = z.infer<typeof Installed>;

export const TakeLease = z.strictObject({
  lease_id: LeaseId,
  boot_id: BootId,
  device_id: z.string().max(100),
  wait_ms: WaitMs,
  installed: Installed.nullable()
    .optional()
    .describe('Absent: as the server knows it; null: nothing is installed'),
  busy_sources: z
    .array(SourceHash)
    .max(100)
    .optional()
    .describe(
      '`source_hash` of leases that cannot run there now: another run has what they need of the host',
    ),
});
export type TakeLease = z.infer<typeof TakeLease>;

/** Any `test_path`: the agent rejects a bad one, so that one bad row does not cost the whole lease. */
export const LeasedJob = Job.extend({
  test_path: z.string().max(4096),
  next_attempt: z.int(),
  timeout_ms: Ms,
  only: z
    .array(z.string())
    .optional()
    .describe('The ids of the tests to run: what its last failed attempt said. Absent: all of the file'),
  traceparent: Traceparent.optional().describe('The span of its submit'),
});
export type LeasedJob = z.infer<typeof LeasedJob>;

export const Lease = z.object({
  lease_id: z.string(),
  token: z.string().describe('For the calls of this lease, and for no other'),
  org_id: OrgId,
  app_version_id: AppVersionId,
  target: Target,
  framework: FrameworkName.nullable(),
  app: z
    .object({
      platform: z.string(),
      sha256: Sha256.optional(),
      size: z.int().optional(),
      url: z.string().optional(),
      package_name: z.string().optional(),
    })
    .optional(),
  source: Source.optional(),
  params: Params.optional(),
  grep: Grep.optional(),
  source_hash: SourceHash.optional(),
  install: z.boolean().describe('True: install first and say so with /installed'),
  clean: z
    .boolean()
    .optional()
    .describe('True: a person had the device since its last lease, so nothing that was on it counts'),
  expires_at: Instant,
  jobs: z.array(LeasedJob),
});
export type Lease = z.infer<typeof Lease>;

export const Heartbeat = z.strictObject({
  boot_id: BootId,
  leases: z.array(LeaseId).max(200),
  wait_ms: WaitMs,
});
export type Heartbeat = z.infer<typeof Heartbeat>;

export const HeartbeatAnswer = z.object({
  leases: z.array(
    z.object({
      lease_id: z.string(),
      status: z.enum(['active', 'lost']),
      expires_at: Instant.nullable(),
      cancel: z.array(z.string()),
    }),
  ),
  drain: z.boolean(),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

export const InstalledReport = z
  .strictObject({
    ok: z.boolean(),
    duration_ms: Ms,
    installs: z.int().min(0).max(100).default(1),
    error_class: z.enum(['install_failed', 'build_error', 'capacity', 'infra_error']).optional(),
    error: z.string().max(20_000).optional(),
  })
  .refine((body) => body.ok || body.error_class, {
    path: ['error_class'],
    message: 'an install that failed needs an error_class',
  });
export type InstalledReport = z.infer<typeof InstalledReport>;

export const StartJob = z.strictObject({ attempt: z.int().min(1) });
export type StartJob = z.infer<typeof StartJob>;

const finishFields = {
  attempt: z.int().min(1),
  verdict: z.enum(verdicts),
  error_class: z.enum(errorClasses).exclude(['lost']).optional(),
  error: z.string().max(20_000).optional(),
  duration_ms: Ms,
  installs: z.int().min(0).max(1000).optional(),
  serves: z
    .int()
    .min(0)
    .max(1000)
    .optional()
    .describe('How often the web servers of the suite were started for it'),
  provider: Provider.optional(),
  tests: z.array(TestCase).max(limits.testsPerReport).optional(),
  report: Report.optional().describe('What the report counted, where it lists more than `tests` may'),
  only: z
    .array(TestId)
    .max(limits.testIdsPerRetry)
    .optional()
    .describe('The ids of the tests that a next attempt has to run; absent: all of the file'),
  retried_tests: z
    .int()
    .min(0)
    .optional()
    .describe('How many tests this attempt ran, where it ran a selection; absent: all of the file'),
};

const hasClassOfError = (body: { verdict: string; error_class?: string | undefined }): boolean =>
  (body.verdict === 'error') === (body.error_class !== undefined);
const whyNoClass = {
  path: ['error_class'],
  message: 'error_class goes with the verdict error, and that verdict needs one',
};

/** The verdict of an attempt. `tests` may be missing only where the framework has no report. */
export const FinishJob = z.strictObject(finishFields).refine(hasClassOfError, whyNoClass);
export type FinishJob = z.infer<typeof FinishJob>;

/** Verdicts of one lease in one call. Each is taken or refused alone, as in a call of its own. */
export const FinishJobs = z.strictObject({
  jobs: z
    .array(
      z.strictObject({ job_id: z.string().max(100), ...finishFields }).refine(hasClassOfError, whyNoClass),
    )
    .min(1)
    .max(limits.verdictsPerCall),
});
export type FinishJobs = z.infer<typeof FinishJobs>;

/** For each verdict, in order: the status of the job after it, or why the verdict was refused. */
export const FinishedJobs = z.object({
  jobs: z.array(
    z.object({
      job_id: z.string(),
      status: z.enum(jobStatuses).nullable(),
      error: z.object({ code: z.enum(errorCodes), message: z.string() }).nullable(),
    }),
  ),
});
export type FinishedJobs = z.infer<typeof FinishedJobs>;
