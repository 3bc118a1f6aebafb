import { QgjobError } from '../../protocol/errors.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import { now } from '../clock.ts';
import { type GithubApi, type GithubOptions, openGithub } from '../github/open-github.ts';
import { whyNot } from '../github/why-not.ts';
import { type CheckEnd, completeCheck } from './complete-check.ts';
import { describeCheck, type Ended, type Verdict } from './describe-check.ts';
import { type CheckAnswer, type CheckKey, createCheck, findCheck } from './find-check.ts';

export interface ChecksOptions extends Omit<GithubOptions, 'forMs' | 'signal'> {
  readonly run: Run;
  readonly sha: string;
  /** The name of the check run, by target. */
  readonly names: ReadonlyMap<string, string>;
  /** Another step may have written them before: they are looked for. */
  readonly mayExist?: boolean;
  /** Fires when the workflow is cancelled. */
  readonly stop: AbortSignal;
}

/** How the check runs were written. */
export interface Written {
  /** Whether all of them are completed. */
  readonly isDone: boolean;
  /** Whether the failures are annotated by them. */
  readonly isAnnotated: boolean;
  /** What is missing, in one line for people. */
  readonly why: string | undefined;
}

/** The check runs of a step, one for each target. */
export interface Checks {
  /** Completes them; a GitHub that is away is a word in the answer and no error. */
  complete(ended: Ended): Promise<Written>;
}

const openMs = 60_000;
const completeMs = 90_000;
// The runner ends a cancelled step 7.5 s after its first signal, and the cancel of the run took a part of it.
const stoppedMs = 2500;

export const keyOf = (
  { run, sha }: Pick<ChecksOptions, 'run' | 'sha'>,
  target: string,
  name: string,
): CheckKey => ({
  ...{ name, sha },
  externalId: `${run.run_id}:${target}`,
});

/** Creates them in progress, while the step follows its run. */
export function openChecks(options: ChecksOptions): Checks {
  const { run, names, stop, mayExist } = options;
  const keys = new Map([...names].map(([target, name]) => [target, keyOf(options, target, name)]));
  const body = { status: 'in_progress', started_at: run.submitted_at, details_url: run.url };
  const opening = openGithub({ ...options, forMs: openMs, signal: stop }).then((api) =>
    Promise.allSettled(
      [...keys].map(async ([target, key]) => [target, await createCheck(api, key, body, mayExist)] as const),
    ),
  );
  return {
    async complete(ended) {
      const problems: string[] = [];
      let isDone = true;
      const fail = (error: unknown): void => {
        isDone = false;
        problems.push(whyNot(error, 'check run', 'checks: write'));
      };
      try {
        const known = new Map(
          (await opening).flatMap((made) => (made.status === 'fulfilled' ? [made.value] : [])),
        );
        const api = await openGithub({ ...options, forMs: stop.aborted ? stoppedMs : completeMs });
        for (const [target, key] of keys) {
          const done = completeOne(api, key, known.get(target), { end: describeCheck(ended, target), body });
          // One that cannot be written must not leave the others in progress.
          const problem = await done.catch(fail);
          if (problem !== undefined) problems.push(problem);
        }
      } catch (error) {
        fail(error);
      }
      return { isDone, isAnnotated: problems.length === 0, why: problems[0] };
    },
  };
}

/** Answers why it has no annotations, where GitHub took it only without. */
async function completeOne(
  api: GithubApi,
  key: CheckKey,
  known: CheckAnswer | undefined,
  { end, body }: { readonly end: CheckEnd; readonly body: object },
): Promise<string | undefined> {
  const { id } = known ?? (await createCheck(api, key, body, true));
  try {
    await completeCheck(api, id, end);
    return undefined;
  } catch (error) {
    const isRefused = error instanceof QgjobError && error.code === 'invalid';
    if (!isRefused || end.annotations.length === 0) throw error;
    // The verdict is worth more than they are.
    await completeCheck(api, id, { ...end, annotations: [] });
    return whyNot(error, 'annotations in the check run', 'checks: write');
  }
}

/** A check run that `post` completes where it is still in progress. */
export interface SavedCheck extends CheckKey {
  /** Where the step came to know it. */
  readonly verdict?: Verdict | undefined;
}

/**
 * For a step that was killed or could not reach GitHub: what is still in progress gets its verdict, and without one is
 * cancelled. Answers what went wrong.
 */
export async function endChecks(
  options: Omit<GithubOptions, 'forMs'>,
  saved: readonly SavedCheck[],
): Promise<string | undefined> {
  const problems: string[] = [];
  const fail = (error: unknown): void => void problems.push(cleanLine((error as Error).message));
  try {
    const api = await openGithub({ ...options, forMs: 20_000 });
    for (const one of saved) await endOne(api, one).catch(fail);
  } catch (error) {
    fail(error);
  }
  return problems[0];
}

async function endOne(api: GithubApi, { verdict, ...key }: SavedCheck): Promise<void> {
  const check = await api.retry(() => findCheck(api, key));
  if (check === undefined || check.status === 'completed') return;
  const cancelled: Verdict = {
    ...{ conclusion: 'cancelled', completedAt: new Date(now()).toISOString(), title: 'cancelled' },
  };
  const summary =
    verdict === undefined
      ? 'The step was ended before its run had a verdict.'
      : 'The step could not write more than this here: its log and its job summary have the rest.';
  await completeCheck(api, check.id, { ...(verdict ?? cancelled), summary, annotations: [] });
}
