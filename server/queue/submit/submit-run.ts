import { createHash } from 'node:crypto';
import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Job } from '../../../protocol/shapes/job.ts';
import type { Run, SubmitRun } from '../../../protocol/shapes/run.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { toJob, toRun } from '../store/to-wire.ts';
import { checkTargets, type Takeable, unofferedOf, warningsOf } from './check-targets.ts';
import { estimateJobs } from './estimate-jobs.ts';
import { type Earlier, findEarlier, keyOf } from './find-earlier.ts';
import { insertRuns } from './insert-runs.ts';
import { batchesOf, type NewRun, revsOf } from './new-batches.ts';
import { type JobSpec, newJobs, newRun, type SubmitInput } from './new-run.ts';
import { rankRuns } from './rank-runs.ts';
import { readRunWithJobs } from './read-submitted.ts';

export interface Submitted {
  readonly run: Run;
  readonly jobs: Job[];
  /** True when the answer is that of an earlier submit with the same key. */
  readonly replayed: boolean;
  /** What the submitter should know though the run was taken. */
  readonly warnings: readonly string[];
}

/** What a submit asks for, looked at without the database. */
interface Prepared {
  readonly input: SubmitInput;
  readonly hash: string;
  readonly asks: readonly JobSpec[];
}

type Checked = Takeable<Prepared>;

/**
 * Puts a run with its jobs in the queue, on disk when this resolves. The same idempotency key and body again answers
 * the run it made the first time. Submits of one turn share a commit.
 * Errors: `invalid` (too many jobs), `conflict` (the key was used with another body), `no_device` (a pool that no device
 * has ever offered, and no `allow_no_device`).
 */
export async function submitRun(
  deps: Deps,
  input: SubmitInput,
  asks?: readonly JobSpec[],
): Promise<Submitted> {
  const wanted = asks ?? expand(input.body, deps.settings.defaultTarget);
  if (wanted.length > limits.testsPerRun) {
    throw new QgjobError(
      'invalid',
      `${wanted.length} jobs are too many: a run has at most ${limits.testsPerRun}`,
    );
  }
  return deps.coalescer.run(deps, submitMany, { input, hash: hashOf(input, asks), asks: wanted });
}

/** What a key stands for: the body as it was sent, and for a retry also of what and which of its jobs. */
function hashOf({ body, retryOf }: SubmitInput, asks: readonly JobSpec[] | undefined): string {
  const asked = retryOf === undefined ? [body] : [body, retryOf, asks];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

const expand = (body: SubmitRun, defaultTarget: string): JobSpec[] =>
  [...new Set(body.targets ?? [body.target ?? defaultTarget])].flatMap((target) =>
    [...new Set(body.tests)].map((testPath) => ({ testPath, target })),
  );

const submitMany: BulkOperation<Prepared, Submitted> = async (deps, all) => {
  const earlier = await findEarlier(deps, all);
  const taken = new Set<string>();
  const fresh: Prepared[] = [];
  const later: Prepared[] = [];
  for (const one of all) {
    const key = keyOf(one);
    if (key !== undefined && earlier.has(key)) continue;
    // A second submit with one key in one turn comes after the first, and finds what that made.
    (key !== undefined && taken.has(key) ? later : fresh).push(one);
    if (key !== undefined) taken.add(key);
  }
  const answers = new Map<Prepared, PromiseSettledResult<Submitted>>();
  await store(deps, await checkAll(deps, fresh, answers), answers);
  if (later.length > 0) {
    // What is stored already must not be told as failed because of these.
    const results = await submitMany(deps, later).catch((reason: unknown) =>
      later.map(() => rejected(reason)),
    );
    for (const [index, one] of later.entries()) answers.set(one, results[index] ?? lost());
  }
  return Promise.all(all.map((one) => answers.get(one) ?? replay(deps, one, earlier.get(keyOf(one) ?? ''))));
};

const lost = () => rejected(new QgjobError('internal', 'a submit was lost on its way'));

async function replay(
  deps: Deps,
  one: Prepared,
  earlier: Earlier | undefined,
): Promise<PromiseSettledResult<Submitted>> {
  if (!earlier) return lost();
  if (earlier.hash !== one.hash) {
    const why = 'this Idempotency-Key was used for another submit; use a new key for a new body';
    return rejected(new QgjobError('conflict', why));
  }
  return Promise.all([readRunWithJobs(deps, earlier.runId), unofferedOf(deps, [one])]).then(
    ([found, [unoffered = []]]) =>
      fulfilled({ ...found, replayed: true, warnings: warningsOf(one, unoffered) }),
    rejected,
  );
}

/** Refuses what names a pool that nobody has; answers the others. */
async function checkAll(
  deps: Deps,
  all: readonly Prepared[],
  answers: Map<Prepared, PromiseSettledResult<Submitted>>,
): Promise<Checked[]> {
  const looks = await checkTargets(deps, all);
  for (const look of looks) if ('refusal' in look) answers.set(look.one, rejected(look.refusal));
  return looks.filter((look) => 'unoffered' in look);
}

/** Stores runs in one write; where that is refused, each in one of its own, so that a bad one fails alone. */
async function store(
  deps: Deps,
  all: readonly Checked[],
  answers: Map<Prepared, PromiseSettledResult<Submitted>>,
): Promise<void> {
  if (all.length === 0) return;
  try {
    const made = await estimateJobs(
      deps,
      all.map((one) => newRows(deps, one)),
    );
    const results = await deps.sql.write(insertRuns(deps, made, await rankRuns(deps, made)));
    const submitted = toSubmitted(deps, all, made, seqIn(results));
    for (const [index, { one }] of all.entries()) answers.set(one, submitted[index] ?? lost());
  } catch (error) {
    const isOfOne = error instanceof QgjobError && error.code !== 'unavailable';
    for (const checked of all) {
      if (all.length > 1 && isOfOne) await store(deps, [checked], answers);
      else answers.set(checked.one, await afterRefusal(deps, checked.one, error));
    }
  }
}

/** Two servers that were given one key at once: the loser answers what the winner made. */
async function afterRefusal(
  deps: Deps,
  one: Prepared,
  error: unknown,
): Promise<PromiseSettledResult<Submitted>> {
  if (!(error instanceof QgjobError && error.code === 'conflict')) return rejected(error);
  const found = await findEarlier(deps, [one]).catch(() => undefined);
  const winner = found?.get(keyOf(one) ?? '');
  return winner ? replay(deps, one, winner) : rejected(error);
}

function newRows(deps: Deps, { one: { input, hash, asks }, unoffered }: Checked): NewRun {
  const run = newRun(deps, input, hash, asks.length);
  const { source } = input.body;
  return {
    run,
    jobs: newJobs(deps, run, input.body, asks),
    createOrg: input.createOrg ?? false,
    isGuessed: true,
    // Who gives a time waits for that long.
    unoffered: input.body.queue_timeout_ms === undefined ? unoffered : [],
    sourceHash: source ? createHash('sha256').update(JSON.stringify(source)).digest('hex') : '',
  };
}

/** The number of the last event, from the one statement that answers it. */
const seqIn = (results: readonly Row[][]): number =>
  Number(results.flat().find((row) => row.seq !== undefined)?.seq);

/** The answers without reading back. */
function toSubmitted(
  deps: Deps,
  all: readonly Checked[],
  made: readonly NewRun[],
  seq: number,
): PromiseSettledResult<Submitted>[] {
  const next = { ...revsOf(made, seq) };
  return made.map((one, place) => {
    const checked = all[place];
    const warnings = checked ? warningsOf(checked.one, checked.unoffered) : [];
    const firstJob = next.jobs;
    next.jobs += one.jobs.length;
    next.batches += batchesOf(one).length;
    const run = toRun({ ...one.run, rev: next.batches - 1 }, deps.settings.publicUrl);
    const jobs = one.jobs.map((job, index) => toJob({ ...job, rev: firstJob + index }));
    return fulfilled({ run, jobs, replayed: false, warnings });
  });
}
