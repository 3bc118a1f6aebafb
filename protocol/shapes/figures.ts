import * as z from 'zod';
import { Instant, OrgId } from './common.ts';

export const windows = ['1h', '24h', '7d', '30d', '90d'] as const;

const Share = z.number().min(0).max(1).nullable();

const Spread = z
  .object({
    n: z.int(),
    mean_ms: z.int().nullable(),
    p50_ms: z.int().nullable(),
    p95_ms: z.int().nullable(),
  })
  .describe('Percentiles are off by 5 % at most');
export type Spread = z.infer<typeof Spread>;

/** Of a server that does not tell it. */
const none = { n: 0, mean_ms: null, p50_ms: null, p95_ms: null };

/** What was done in the last hour, day, week, month or quarter. */
export const Figures = z.object({
  window: z.enum(windows),
  from: Instant,
  to: Instant,
  jobs: z.int().describe('Jobs that ended'),
  runs: z.int().describe('Runs that ended'),
  jobs_per_minute: z.number(),
  success: Share.describe('Passed, of those that passed, failed or errored'),
  test: Spread.describe('How long attempts took that have a verdict'),
  wait: Spread.describe('From the submit of a job to its first start'),
  feedback: Spread.describe('From the submit of a run to its end'),
  installs: z.int(),
  installs_saved: z.int(),
  install_ms_saved: z.int().describe('What the saved installs would have taken'),
  cloud_ms: z.int().default(0).describe('Time in sessions at device providers'),
  orgs: z
    .array(
      z.object({
        org_id: OrgId,
        jobs: z.int(),
        passed: z.int(),
        failed: z.int(),
        errored: z.int(),
        cancelled: z.int(),
        flaky: z.int(),
        success: Share,
        test: Spread.default(none),
        feedback: Spread.default(none),
      }),
    )
    .describe('Those with the most jobs, 100 at most'),
  targets: z.array(
    z.object({
      target: z.string(),
      jobs: z.int(),
      jobs_per_minute: z.number(),
      success: Share,
      test: Spread,
      wait: Spread,
      queued: z.int(),
      waiting: z.int(),
      leased: z.int(),
      cloud_ms: z.int().default(0),
      use: Share.describe('Time that tests took, of that of the devices online now'),
    }),
  ),
});
export type Figures = z.infer<typeof Figures>;
