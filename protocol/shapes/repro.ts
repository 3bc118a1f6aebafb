import * as z from 'zod';
import { AppVersionId, FrameworkName, OrgId, Target } from './common.ts';

const text = z.string().nullable();

/** What it takes to run the test of a job on another machine. */
export const Repro = z.object({
  job_id: z.string(),
  run_id: z.string(),
  org_id: OrgId,
  app_version_id: AppVersionId,
  test_path: z.string(),
  target: Target,
  framework: FrameworkName.nullable().describe('Null: the agent decides'),
  source: z
    .object({
      kind: z.enum(['workspace', 'bundle', 'git']),
      sha256: text.describe('Of a bundle'),
      repository: text.describe('Of a commit'),
      sha: text.describe('The commit'),
      subdir: text.describe('The folder that the test path is relative to'),
    })
    .nullable()
    .describe("Null: the agent's own folder"),
  params: z.record(z.string(), z.string()).describe('Without those that are withheld'),
  withheld: z
    .array(z.string())
    .describe('Names of params that may be secret, by their name or by what they look like'),
  grep: text,
  timeout_ms: z.int().describe('How long an attempt may take'),
});
export type Repro = z.infer<typeof Repro>;
