import { createHash } from 'node:crypto';
import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { toJob, toRun } from '../store/to-wire.ts';
import { touchAppVersions } from './app-versions.ts';
import { auditRuns } from './audit-runs.ts';
import { touchBundles } from './bundles.ts';
import { type Checks, checkSubmits } from './check-submits.ts';
import { warningsOf } from './check-targets.ts';
import { countSubmitted } from './count-submitted.ts';
import { chosenOf, type Drafts, draftRuns } from './draft-runs.ts';
import { insertRuns } from './insert-runs.ts';
import { batchesOf, revsOf } from './new-batches.ts';
import type { CheckedSubmit, JobSpec, NewRun, Submit, SubmitInput } from './new-run.ts';
import { planRerun, withoutRerun } from './plan-rerun.ts';
import { rankRuns } from './rank-runs.ts';
import { type Earlier, findEarlier, keyOf, replaySubmit, type Submitted } from './replay-submit.ts';
import { watchRuns } from './watch-runs.ts';

type Answers = Map<Submit, PromiseSettledResult<Submitted>>;

/**
 * Puts a run with its jobs into the queue; resolves once it is on disk. The same idempotency key with the same body
 * answers the run of the first submit. `retried`: the jobs of a retry, else they are those of the body. Submits of
 * one turn share a commit. Errors: `invalid` (too many jobs), `conflict` (the key was used with another body),
 * `no_device` (a pool that no device has ever offered, without `allow_no_device`), `rate_limited` (the org's queue is full),
 * `forbidden` (its event may not run on a target, also where a run of it is retried).
 */
export async function submitRun(
  deps: Deps,
  input: SubmitInput,
  retried?: readonly JobSpec[],
): Promise<Submitted> {
  const specs = retried ?? specsOf(input.body, deps.settings.defaultTarget);
  if (specs.length > limits.testsPerRun) {
    throw new QgjobError(
      'invalid',
      `${specs.length} jobs are too many: a run has at most ${limits.testsPerRun}`,
    );
  }
  const plan = await planRerun(deps, input, specs);
  return deps.coalescer.run(deps, submitMany, { input, hash: hashOf(input, retried), specs, ...plan });
}

/** Of the body as it was sent; for a retry also of the run and the jobs that are retried. */
function hashOf({ body, retryOf }: SubmitInput, retried: readonly JobSpec[] | undefined): string {
  const parts = retryOf === undefined ? [body] : [body, retryOf, retried];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const specsOf = (body: SubmitRun, defaultTarget: string): JobSpec[] =>
  [...new Set(body.targets ?? [body.target ?? defaultTarget])].flatMap((target) =>
    [...new Set(body.tests)].flatMap((testPath) =>
      Array.from({ length: body.hunt_times ?? 1 }, () => ({ testPath, target })),
    ),
  );

const submitMany: BulkOperation<Submit, Submitted> = async (deps, submits) => {
  // All that the write needs is read together: from a server by one round trip.
  const [earlier, checks, drafts] = await Promise.all([
    findEarlier(deps, submits),
    checkSubmits(deps, submits),
    draftRuns(deps, submits),
  ]);
  const keys = new Set<string>();
  const fresh: Submit[] = [];
  const later: Submit[] = [];
  for (const submit of submits) {
    const key = keyOf(submit);
    if (key !== undefined && earlier.has(key)) continue;
    // A second submit with the same key in one turn comes after the first, and finds the run of the first.
    (key !== undefined && keys.has(key) ? later : fresh).push(submit);
    if (key !== undefined) keys.add(key);
  }
  const answers: Answers = new Map();
  await storeRuns(deps, refuseSome(fresh, checks, answers), answers, drafts);
  if (later.length > 0) {
    // An error of these must not fail the runs that are stored already.
    const results = await submitMany(deps, later).catch((reason: unknown) =>
      later.map(() => rejected(reason)),
    );
    for (const [index, submit] of later.entries()) answers.set(submit, results[index] ?? lost());
  }
  return Promise.all(
    submits.map((submit) => answers.get(submit) ?? replay(deps, submit, earlier.get(keyOf(submit) ?? ''))),
  );
};

const lost = () => rejected(new QgjobError('internal', 'a submit was lost on its way'));

const replay = async (
  deps: Deps,
  submit: Submit,
  earlier: Earlier | undefined,
): Promise<PromiseSettledResult<Submitted>> =>
  earlier ? replaySubmit(deps, submit, earlier).then(fulfilled, rejected) : lost();

/** Answers those; returns the others. */
function refuseSome(submits: readonly Submit[], checks: Checks, answers: Answers): CheckedSubmit[] {
  return submits.flatMap((submit) => {
    const checked = checks.get(submit);
    if (checked instanceof QgjobError) answers.set(submit, rejected(checked));
    return checked === undefined || checked instanceof QgjobError ? [] : [checked];
  });
}

/** Stores runs in one write. Where that is refused, each run gets a write of its own, so that a bad one fails alone. */
async function storeRuns(
  deps: Deps,
  checked: readonly CheckedSubmit[],
  answers: Answers,
  drafts?: Drafts,
): Promise<void> {
  if (checked.length === 0) return;
  try {
    const submits = checked.map(({ submit }) => submit);
    const { made, places } = chosenOf(drafts ?? (await draftRuns(deps, submits)), checked);
    const results = await deps.sql.write([
      ...insertRuns(deps, made, rankRuns(made, places)),
      ...touchBundles(submits, deps.now()),
      ...touchAppVersions(submits, deps.now()),
      ...watchRuns(checked, made),
      ...auditRuns(checked, made, deps.now()),
    ]);
    countSubmitted(deps, made);
    const submitted = toSubmitted(deps, checked, made, seqIn(results));
    for (const [index, { submit }] of checked.entries()) answers.set(submit, submitted[index] ?? lost());
  } catch (error) {
    const isOfOne = error instanceof QgjobError && error.code !== 'unavailable';
    for (const one of checked) {
      if (checked.length > 1 && isOfOne) await storeRuns(deps, [one], answers);
      else answers.set(one.submit, await afterRefusal(deps, one, error));
    }
  }
}

/**
 * Where two servers got the same key at once, the second answers the run that the first has made. Where another submit goes on
 * with the same earlier attempt, this one looks like it and is another: it runs everything.
 */
async function afterRefusal(
  deps: Deps,
  one: CheckedSubmit,
  error: unknown,
): Promise<PromiseSettledResult<Submitted>> {
  if (!(error instanceof QgjobError && error.code === 'conflict')) return rejected(error);
  const { submit } = one;
  const found = await findEarlier(deps, [submit]).catch(() => undefined);
  const winner = found?.get(keyOf(submit) ?? '');
  if (winner) return replay(deps, submit, winner);
  if (submit.rerun === undefined) return rejected(error);
  const whole = withoutRerun(submit);
  const again: Answers = new Map();
  await storeRuns(deps, [{ ...one, submit: whole }], again);
  return again.get(whole) ?? lost();
}

/** The number of the last event, from the one statement that answers it. */
const seqIn = (results: readonly Row[][]): number =>
  Number(results.flat().find((row) => row.seq !== undefined)?.seq);

/** The answers, made without reading the rows again. */
function toSubmitted(
  deps: Deps,
  checked: readonly CheckedSubmit[],
  made: readonly NewRun[],
  seq: number,
): PromiseSettledResult<Submitted>[] {
  const next = { ...revsOf(made, seq) };
  return made.map((one, index) => {
    const submit = checked[index];
    const warnings = submit ? [...warningsOf(submit), ...(submit.submit.warnings ?? [])] : [];
    const firstJob = next.jobs;
    next.jobs += one.jobs.length;
    next.batches += batchesOf(one).length;
    const run = toRun({ ...one.run, rev: next.batches - 1 }, deps.settings.publicUrl);
    const jobs = one.jobs.map((job, place) => toJob({ ...job, rev: firstJob + place }));
    return fulfilled({ run, jobs, replayed: false, warnings });
  });
}
