import { createHash } from 'node:crypto';
import { and, eq } from 'drizzle-orm';
import { QgjobError } from '../../protocol/errors.ts';
import { limits, submitDefaults } from '../../protocol/limits.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run, SubmitRun } from '../../protocol/shapes/run.ts';
import type { Statement } from '../db/gate.ts';
import { runs } from '../db/schema.ts';
import { arrivalTag } from '../policy/tag.ts';
import { supersedeOlder } from './cancel.ts';
import type { Deps } from './deps.ts';
import { type Ask, newJobs, newRun, type SubmitInput } from './new-run.ts';
import { readRunWithJobs } from './read-run.ts';
import type { JobRow, RunRow } from './rows.ts';
import { announce, insertBatches, insertGroups, insertJobs, insertPools, insertRun } from './submit-sql.ts';
import { toJob, toRun } from './to-wire.ts';

export interface Submitted {
  readonly run: Run;
  readonly jobs: Job[];
  /** True when the answer is that of an earlier submit with the same key. */
  readonly replayed: boolean;
}

/**
 * Puts a run with its jobs in the queue, on disk when this resolves. The same idempotency key and body again answers
 * the run it made the first time.
 * Errors: `invalid` (too many jobs, no such org), `conflict` (the key was used with another body).
 */
export async function submitRun(deps: Deps, input: SubmitInput, asks?: readonly Ask[]): Promise<Submitted> {
  const hash = hashOf(input, asks);
  const earlier = await findEarlier(deps, input, hash);
  if (earlier) return earlier;
  const wanted = asks ?? expand(input.body, deps.settings.defaultTarget);
  if (wanted.length > limits.testsPerRun) {
    throw new QgjobError(
      'invalid',
      `${wanted.length} jobs are too many: a run has at most ${limits.testsPerRun}`,
    );
  }
  const run = newRun(deps, input, hash, wanted.length);
  const jobRows = newJobs(deps, run, input.body, wanted);
  try {
    const results = await deps.gate.write(statements(deps, run, jobRows, input));
    return submitted(deps, run, jobRows, Number(results.at(-1)?.[0]?.rev));
  } catch (error) {
    // Two submits with one key at once: the loser answers what the winner made.
    const winner =
      error instanceof QgjobError && error.code === 'conflict' && (await findEarlier(deps, input, hash));
    if (winner) return winner;
    throw error;
  }
}

/** What a key stands for: the body as it was sent, and for a retry also of what and which of its jobs. */
function hashOf({ body, retryOf }: SubmitInput, asks: readonly Ask[] | undefined): string {
  const asked = retryOf === undefined ? [body] : [body, retryOf, asks];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

/** The answer without reading back; the jobs' revs are the numbers before the events of the run's batches. */
function submitted(deps: Deps, run: RunRow, jobs: readonly JobRow[], rev: number): Submitted {
  const first = rev - new Set(jobs.map((job) => job.target)).size - jobs.length + 1;
  return {
    run: toRun({ ...run, rev }, deps.settings.publicUrl),
    jobs: jobs.map((job, index) => toJob({ ...job, rev: first + index })),
    replayed: false,
  };
}

async function findEarlier(deps: Deps, input: SubmitInput, hash: string): Promise<Submitted | undefined> {
  if (input.idempotencyKey === undefined) return undefined;
  const [row] = await deps.db
    .select({ id: runs.id, hash: runs.requestHash })
    .from(runs)
    .where(and(eq(runs.orgId, input.orgId), eq(runs.idempotencyKey, input.idempotencyKey)));
  if (!row) return undefined;
  if (row.hash !== hash) {
    throw new QgjobError(
      'conflict',
      'this Idempotency-Key was used for another submit; use a new key for a new body',
    );
  }
  return { ...(await readRunWithJobs(deps, row.id)), replayed: true };
}

const expand = (body: SubmitRun, defaultTarget: string): Ask[] =>
  [...new Set(body.targets ?? [body.target ?? defaultTarget])].flatMap((target) =>
    [...new Set(body.tests)].map((testPath) => ({ testPath, target })),
  );

function statements(deps: Deps, run: RunRow, jobs: readonly JobRow[], input: SubmitInput): Statement[] {
  const { source } = input.body;
  const targets = JSON.stringify([...new Set(jobs.map((job) => job.target))]);
  const priority = jobs[0]?.priority ?? submitDefaults.priority;
  const batch = {
    targets,
    sourceHash: source ? createHash('sha256').update(JSON.stringify(source)).digest('hex') : '',
    framework: input.body.framework ?? '',
    priority,
    tag: arrivalTag(run.submittedAt, priority),
    onlineSince: run.submittedAt - deps.settings.leaseTtlMs,
  };
  const newOrg = {
    sql: 'INSERT INTO orgs (id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING',
    args: [run.orgId, run.submittedAt],
  };
  return [
    ...(input.createOrg ? [newOrg] : []),
    { sql: 'UPDATE orgs SET active_runs = active_runs + 1 WHERE id = ?', args: [run.orgId] },
    insertGroups(run, targets),
    insertPools(targets),
    insertRun(run),
    insertBatches(run, batch),
    ...insertJobs(run, jobs),
    ...supersedeOlder(run),
    ...announce(run, jobs.length),
  ];
}
