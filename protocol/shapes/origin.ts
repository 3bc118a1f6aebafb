import * as z from 'zod';
import { Sha256, Subdir } from './common.ts';

const CommitSha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'a commit is 40 or 64 hex digits');

/** Where the test code comes from. A workspace without `sha` is used as it is. */
export const Source = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('workspace'), sha: CommitSha.optional() }),
  z.strictObject({ kind: z.literal('bundle'), sha256: Sha256, subdir: Subdir.optional() }),
  z.strictObject({
    kind: z.literal('git'),
    repository: z.string().max(500),
    sha: CommitSha,
    subdir: Subdir.optional(),
  }),
]);
export type Source = z.infer<typeof Source>;

/** The workflow that submits. */
export const Github = z.strictObject({
  repository: z.string().max(200),
  repository_id: z.string().max(30),
  pr_number: z.int().min(1).optional(),
  sha: CommitSha,
  code_sha: CommitSha.optional().describe(
    'The commit that is checked out and tested; a run tells what fails on its branch only where that is `sha`',
  ),
  ref: z.string().max(500),
  event_name: z.string().max(100),
  workflow: z.string().max(500),
  job: z.string().max(200),
  check_name: z.string().max(200),
  check_template: z
    .string()
    .max(200)
    .optional()
    .describe(
      'Names the check run of each target where the server writes it: `<target>` stands for the target and the leg; empty: there is none',
    ),
  leg: z.string().max(100).optional(),
  leg_name: z
    .string()
    .max(100)
    .optional()
    .describe('The leg as people read it, like `ubuntu-latest, 3`: names it where the server writes'),
  step: z
    .string()
    .max(200)
    .optional()
    .describe('The step of the job: each has a section of its own in the comment'),
  base_ref: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('The branch that a pull request or a merge group goes to'),
  check_run_id: z
    .string()
    .regex(/^\d{1,20}$/, 'the id of a check run is a number')
    .optional()
    .describe('Of the job that submits; another one in each attempt'),
  check_run_name: z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Its name where that could be read: it tells calls of a reusable workflow apart'),
  run_id: z.string().max(30),
  run_attempt: z.int().min(1),
});
export type Github = z.infer<typeof Github>;

/** A branch of a repository, for submits that do not come from GitHub. */
export const Branch = z.strictObject({
  repository_id: z.string().max(200).describe('Any name of the repository that stays the same'),
  ref: z.string().min(1).max(500).describe('`main` or `refs/heads/main`'),
});
