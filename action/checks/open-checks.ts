import { cleanLine } from '../../client/clean-lines.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { now } from '../clock.ts';
import { type GithubApi, type GithubOptions, openGithub } from '../github/open-github.ts';
import { whyNot } from '../github/why-not.ts';
import { completeCheck } from './complete-check.ts';
import { describeCheck, type Ended } from './describe-check.ts';
import { type CheckAnswer, type CheckKey, createCheck, findCheck } from './find-check.ts';

export interface ChecksOptions extends Omit<GithubOptions, 'forMs' | 'signal'> {
  readonly run: Run;
  readonly sha: string;
  /** The name of the check run, by target. */
  readonly names: ReadonlyMap<string, string>;
  /** Fires when the workflow is cancelled. */
  readonly stop: AbortSignal;
}

/** How the check runs were written. */
export interface Written {
  /** Whether the failures are annotated by them. */
  readonly isDone: boolean;
  /** Why not, in one line for people. */
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
  const { run, names, stop } = options;
  const keys = new Map([...names].map(([target, name]) => [target, keyOf(options, target, name)]));
  const body = { status: 'in_progress', started_at: run.submitted_at, details_url: run.url };
  const opening = openGithub({ ...options, forMs: openMs, signal: stop }).then((api) =>
    Promise.allSettled(
      [...keys].map(async ([target, key]) => [target, await createCheck(api, key, body)] as const),
    ),
  );
  return {
    async complete(ended) {
      try {
        const known = new Map(
          (await opening).flatMap((made) => (made.status === 'fulfilled' ? [made.value] : [])),
        );
        const api = await openGithub({ ...options, forMs: stop.aborted ? stoppedMs : completeMs });
        for (const [target, key] of keys)
          await completeOne(api, key, known.get(target), { ended, target, body });
        return { isDone: true, why: undefined };
      } catch (error) {
        return { isDone: false, why: whyNot(error, 'check run', 'checks: write') };
      }
    },
  };
}

async function completeOne(
  api: GithubApi,
  key: CheckKey,
  known: CheckAnswer | undefined,
  { ended, target, body }: { readonly ended: Ended; readonly target: string; readonly body: object },
): Promise<void> {
  const check = known ?? (await createCheck(api, key, body, true));
  await completeCheck(api, check.id, describeCheck(ended, target));
}

/** For a step that was killed: what is still in progress is cancelled. */
export async function cancelChecks(
  options: Omit<GithubOptions, 'forMs'>,
  keys: readonly CheckKey[],
): Promise<string | undefined> {
  try {
    const api = await openGithub({ ...options, forMs: 20_000 });
    for (const key of keys) {
      const check = await api.retry(() => findCheck(api, key));
      if (check === undefined || check.status === 'completed') continue;
      await completeCheck(api, check.id, {
        ...{ conclusion: 'cancelled', completedAt: new Date(now()).toISOString(), annotations: [] },
        ...{ title: 'cancelled', summary: 'The step was ended before its run had a verdict.' },
      });
    }
    return undefined;
  } catch (error) {
    return cleanLine((error as Error).message);
  }
}
