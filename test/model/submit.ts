import { QgjobError } from '../../protocol/errors.ts';
import { SubmitRun } from '../../protocol/shapes/run.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { submitRun } from '../../server/queue/submit/submit-run.ts';
import type { Model } from './model.ts';
import type { Operation } from './operation.ts';

export const orgs = ['acme', 'other'];

/** What the contract says may come back; anything else is a bug. */
const refusals = new Set(['invalid', 'not_found', 'conflict', 'lease_lost', 'job_cancelled', 'replaced']);

/** A refusal that the contract knows. */
export const isRefusal = (error: unknown): boolean => error instanceof QgjobError && refusals.has(error.code);

export async function submit(world: Model, op: Extract<Operation, { do: 'submit' }>): Promise<void> {
  const orgId = orgs[op.org] ?? 'acme';
  const body = SubmitRun.parse({
    app_version_id: `v${op.app}`,
    tests: Array.from({ length: op.tests + 1 }, (_, index) => `t${index}.spec.js`),
    max_retries: op.retries,
    ...(op.newest && { supersede: true, github: githubOf(world.next()) }),
  });
  const key = op.key === 0 ? undefined : `key-${op.key}`;
  const input = { orgId, body, idempotencyKey: key, createOrg: true };
  // A client that heard nothing sends it again, perhaps while the first is still under way.
  const answers = await Promise.all(
    Array.from({ length: op.twice && key ? 2 : 1 }, (_, index) =>
      submitRun(server(world, index), input).catch(orRefusal),
    ),
  );
  for (const answer of answers) {
    if ('refused' in answer) continue;
    if (key) checkKey(world, `${orgId} ${key}`, answer.run.run_id, JSON.stringify(body));
    if (!answer.replayed) remember(world, orgId, answer);
  }
}

/** The server that a request, or its repeat, is sent to. */
export const server = (world: Model, index: number): Deps => (index === 0 ? world.deps : world.other);

export const orRefusal = (error: unknown): { refused: true } => {
  if (isRefusal(error)) return { refused: true };
  throw error;
};

function checkKey(world: Model, key: string, runId: string, body: string): void {
  const known = world.keys.get(key);
  if (known && (known.runId !== runId || known.body !== body))
    throw new Error(`key ${key} made two runs, or took two bodies`);
  world.keys.set(key, { runId, body });
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
  world: Model,
  orgId: string,
  made: { run: { run_id: string }; jobs: { job_id: string }[] },
): void {
  world.runs.push({ id: made.run.run_id, orgId });
  world.jobs.push(...made.jobs.map((job) => ({ id: job.job_id, orgId })));
}
