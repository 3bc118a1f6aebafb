import * as z from 'zod';
import { limits } from '../limits.ts';
import { Cursor, Instant, Ms, NextCursor, OrgId, queryInt, Target } from './common.ts';
import { Quarantine } from './quarantine.ts';

const count = z.int().min(0);

const JobEnds = z.object({
  passed: count.describe('It passed and never failed'),
  flaky: count.describe('It failed, and passed on the same source, in the same job or in another one'),
  failed: count.describe('It failed, and is not known to have passed on that source: they do not count'),
});

/** A test file, or a case of it, on a target: how it went in the last 30 days. */
export const Test = z.object({
  test_id: z.string(),
  org_id: OrgId,
  repository_id: z.string().describe('As submits name it; empty where they name none'),
  target: Target,
  test_path: z.string(),
  file: z.string().nullable().describe('Of a case, where its report names one'),
  title: z.string().nullable().describe('The full title of a case; null for the test file itself'),
  case_id: z
    .string()
    .nullable()
    .describe('The id that the framework gives the case; it tells projects apart'),
  jobs: JobEnds.describe('Jobs in which it ran and had a verdict'),
  flakiness: z
    .object({
      share: z.number().describe('flaky / (passed + flaky)'),
      low: z.number(),
      high: z.number(),
    })
    .nullable()
    .describe('With its exact interval (Clopper and Pearson) at 95 %; null where no job counts'),
  p50_ms: Ms.nullable().describe('Of its last 40 passes'),
  p95_ms: Ms.nullable().describe('Of its last 40 passes'),
  first_run_at: Instant,
  last_run_at: Instant,
  last_failed_at: Instant.nullable(),
  quarantine: Quarantine.nullable().describe('The active one'),
});
export type Test = z.infer<typeof Test>;

export const testSorts = ['flaky', 'slow', 'name'] as const;
export const testKinds = ['test', 'file'] as const;

export const TestFilters = z.strictObject({
  org_id: OrgId.optional().describe('Required with the operator token where there are several orgs'),
  sort: z
    .enum(testSorts)
    .optional()
    .describe('`flaky`: those that were, by the low end of their interval; `slow`: by p50_ms; or `name`'),
  kind: z
    .enum(testKinds)
    .optional()
    .describe('`test`: cases, and the files whose reports list none; `file`: test files alone'),
  q: z.string().max(200).optional().describe('In the path or the title, in any case'),
  target: Target.optional(),
  repository_id: z.string().max(200).optional(),
  limit: queryInt(1, limits.maxPageSize).optional(),
  cursor: Cursor.optional(),
});
export type TestFilters = z.infer<typeof TestFilters>;

export const TestList = z.object({
  tests: z.array(Test).describe('With filters a page may be shorter than `limit`, even empty'),
  next_cursor: NextCursor,
});
export type TestList = z.infer<typeof TestList>;

export const TestDetails = Test.extend({
  days: z
    .array(JobEnds.extend({ day: z.string().describe('In UTC, `2026-11-30`') }))
    .describe('Those of the last 30 in which it ran, the oldest first'),
  failures: z
    .array(
      z.object({
        job_id: z.string(),
        run_id: z.string(),
        at: Instant.describe('When the job ended'),
        flaky: z.boolean().describe('It passed on the same source'),
      }),
    )
    .describe('The newest first, 50 at most; the run may be deleted by now'),
});
export type TestDetails = z.infer<typeof TestDetails>;
