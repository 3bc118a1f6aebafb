import * as z from 'zod';

// The part of Playwright's JSON report that is read; the rest may change. A bad number is dropped, not the report.
const word = z.string().catch('');
const count = z.number().catch(0);
const message = z.object({ message: z.string().optional().catch(undefined) });

const Result = z.object({
  status: word,
  duration: count,
  errors: z.array(message).default([]),
});

const Test = z.object({
  projectName: word,
  expectedStatus: word,
  status: word,
  results: z.array(Result),
});
export type Test = z.infer<typeof Test>;

const Spec = z.object({
  title: word,
  ok: z.boolean().optional().catch(undefined),
  file: z.string(),
  line: z.int().min(0).optional().catch(undefined),
  tests: z.array(Test),
});
export type Spec = z.infer<typeof Spec>;

const Suite = z.object({
  title: word,
  specs: z.array(Spec).default([]),
  get suites() {
    return z.array(Suite).default([]);
  },
});
export type Suite = z.infer<typeof Suite>;

const Stats = z.object({ expected: count, unexpected: count, flaky: count, skipped: count });

export const Report = z.object({
  config: z.object({ rootDir: z.string() }),
  suites: z.array(Suite),
  errors: z.array(message).default([]),
  stats: Stats.optional().catch(undefined),
});
export type Report = z.infer<typeof Report>;
