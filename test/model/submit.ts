import { QgjobError } from '../../protocol/errors.ts';
import { SubmitRun } from '../../protocol/shapes/run.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { submitRun } from '../../server/queue/submit/submit-run.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

export const orgs = ['acme', 'other'];

/** Errors that the contract allows; any other error is a bug. */
const refusals = new Set([
  'invalid',
  'no_device',
  'not_found',
  'conflict',
  'lease_lost',
  'job_cancelled',
  'replaced',
]);

/** True for an error that the contract allows. */
export const isRefusal = (error: unknown): boolean => error instanceof QgjobError && refusals.has(error.code);

export async function submit(model: Model, op: Extract<Operation, { do: 'submit' }>): Promise<void> {
  const orgId = orgs[op.org] ?? 'acme';
  const body = SubmitRun.parse({
    app_version_id: `v${op.app}`,
    // Whose passes need a report.
    framework: 'playwright',
    tests: Array.from({ length: op.hunts > 0 ? 1 : op.tests + 1 }, (_, index) => `t${index}.spec.js`),
    max_retries: op.retries,
    ...(op.most > 0 && { max_failures: op.most }),
    ...(op.hunts > 0 && { hunt_times: op.hunts }),
    ...(op.holds && { hold_minutes: 10 }),
    ...(op.newest && op.hunts === 0 && { supersede: true, github: githubOf(model.next()) }),
  });
  const key = op.key === 0 ? undefined : `key-${op.key}`;
  const input = { orgId, body, idempotencyKey: key, createOrg: true };
  // A client without an answer sends it again, perhaps while the first call still runs.
  const answers = await Promise.all(
    Array.from({ length: op.twice && key ? 2 : 1 }, (_, index) =>
      submitRun(server(model, index), input).catch(orRefusal),
    ),
  );
  for (const answer of answers) {
    if ('refused' in answer) continue;
    if (key) checkKey(model, `${orgId} ${key}`, answer.run.run_id, JSON.stringify(body));
    if (!answer.replayed) remember(model, orgId, answer);
  }
}

/** The server for a request (0) or its repeat (1). */
export const server = (model: Model, index: number): Deps => (index === 0 ? model.deps : model.other);

export const orRefusal = (error: unknown): { refused: true } => {
  if (isRefusal(error)) return { refused: true };
  throw error;
};

function checkKey(model: Model, key: string, runId: string, body: string): void {
  const known = model.keys.get(key);
  if (known && (known.runId !== runId || known.body !== body))
    throw new Error(`key ${key} made two runs, or took two bodies`);
  model.keys.set(key, { runId, body });
}

const githubOf = (run: number) => ({
  repository: 'acme/app',
  repository_id: '7',
  pr_number: 1,
  sha: run.toString(16).padStart(40, '0'),
  ref: 'r',
  event_name: 'pull_request',
  workflow: 'w',
  job: 'j',
  check_name: 'c',
  run_id: String(run),
  run_attempt: 1,
});

export function remember(
  model: Model,
  orgId: string,
  made: { run: { run_id: string }; jobs: { job_id: string }[] },
): void {
  model.runs.push({ id: made.run.run_id, orgId });
  model.jobs.push(...made.jobs.map((job) => ({ id: job.job_id, orgId })));
}
