import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import type { Statement } from '../../db/statement.ts';
import { cancelJobs } from '../store/cancel-jobs.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, type RunRow, readList } from '../store/rows.ts';
import { sourceHash } from '../store/source-hash.ts';
import type { JobSpec, NewRun, Rerun, Submit, SubmitInput } from './new-run.ts';
import { rerunColumns } from './rerun-key.ts';

/** What was decided, and why everything runs where it does. */
export interface RerunPlan {
  readonly rerun?: Rerun;
  /** The run of the last attempt: nobody waits for it any more. */
  readonly ends?: string;
  readonly warnings: readonly string[];
}

type RunItem = Pick<RunRow, 'id' | 'retryOf' | 'status' | 'githubSha' | 'settings'> & {
  readonly attempt: number;
};

/** SEARCH runs USING INDEX runs_rerun (org_id=? AND rerun_key=?) */
const runsSql = listOf(
  `json_object('id', id, 'retryOf', retry_of, 'status', status, 'githubSha', github_sha,
    'settings', settings, 'attempt', github_attempt)`,
  `FROM runs WHERE org_id = ? AND rerun_key = ?`,
);

/**
 * What a second or later attempt of a GitHub job has to run: what did not pass in the attempts before it. Where it is not
 * certain which run that was (two calls of a reusable workflow look alike, and so do two steps of one job), or what passed was
 * another app, code or selection, everything runs, and nothing is a retry.
 */
export async function planRerun(
  deps: Deps,
  input: SubmitInput,
  specs: readonly JobSpec[],
): Promise<RerunPlan> {
  const { rerunKey, githubAttempt } = rerunColumns(input.body, input.submittedBy ?? '', input.retryOf);
  if (rerunKey === null || githubAttempt === null || githubAttempt <= 1) return { warnings: [] };
  const runs = await readList<RunItem>(deps, runsSql, [input.orgId, rerunKey]);
  const last = lastOf(runs, githubAttempt);
  if (typeof last === 'string') return { warnings: everythingRuns(last) };
  const why = differenceOf(last, input.body);
  // Without the name of its check run, the run may be that of another call of a reusable workflow, which still wants it.
  const ends = input.body.github?.check_run_name === undefined ? {} : { ends: last.id };
  if (why !== undefined) return { ...ends, warnings: everythingRuns(why) };
  return { ...ends, rerun: await goOn(deps, chainOf(runs, last), input.body, specs), warnings: [] };
}

const lookAlike = 'several runs of this job look alike, as those of a reusable workflow that is called twice';
const everythingRuns = (why: string): string[] => [`everything runs again: ${why}`];

/** The same submit where another one has gone on with the earlier attempt. */
export const withoutRerun = (submit: Submit): Submit => ({
  ...submit,
  rerun: undefined,
  warnings: everythingRuns(lookAlike),
});

/** The run to go on with; else why there is none. */
function lastOf(runs: readonly RunItem[], attempt: number): RunItem | string {
  const attempts = runs.map((run) => run.attempt);
  if (new Set(attempts).size < attempts.length || attempts.some((one) => one >= attempt)) return lookAlike;
  const last = runs.toSorted((a, b) => a.attempt - b.attempt).at(-1);
  return last ?? 'there is no run of an earlier attempt';
}

/** Why a pass of the earlier attempt would not be one of this submit; undefined: it is one. */
function differenceOf(last: RunItem, body: SubmitRun): string | undefined {
  const was: SubmitRun = JSON.parse(last.settings);
  if (last.githubSha !== body.github?.sha) return 'the earlier attempt was of another commit';
  if (was.app_version_id !== body.app_version_id)
    return `the earlier attempt had another app version (${was.app_version_id})`;
  if (sourceHash(was) !== sourceHash(body) || was.framework !== body.framework)
    return 'the earlier attempt had another source, params, grep or framework';
  return isFixed(body.source) ? undefined : 'the source is not fixed, since the submit names no commit of it';
}

/** What is tested is the same each time: not so a folder of the agent, which is used as it is. */
const isFixed = (source: SubmitRun['source']): boolean =>
  source !== undefined && (source.kind !== 'workspace' || source.sha !== undefined);

/** The run and those that it went on with, the newest first; a pruned one ends it. */
function chainOf(runs: readonly RunItem[], last: RunItem): RunItem[] {
  const before = runs.find(({ id }) => id === last.retryOf);
  return before ? [last, ...chainOf(runs, before)] : [last];
}

type JobItem = [testPath: string, target: string, status: string, outcome: string | null];

/** SEARCH jobs USING INDEX jobs_run (run_id=?) */
const jobsSql = listOf('json_array(test_path, target, status, outcome)', 'FROM jobs WHERE run_id = ?');

async function goOn(
  deps: Deps,
  chain: readonly RunItem[],
  body: SubmitRun,
  specs: readonly JobSpec[],
): Promise<Rerun> {
  const ids = chain.map(({ id }) => id);
  const jobs = new Map<string, JobItem[]>();
  for (const id of ids) jobs.set(id, await readList<JobItem>(deps, jobsSql, [id]));
  // Of each job the newest result counts, so the oldest run comes first.
  const hasPassed = new Map(
    ids.toReversed().flatMap((id) =>
      (jobs.get(id) ?? []).map(([testPath, target, status, outcome]) => {
        const isPass = status === 'passed' && !(body.fail_on_flaky && outcome === 'flaky');
        return [JSON.stringify([testPath, target]), isPass] as const;
      }),
    ),
  );
  const open = specs.filter(({ testPath, target }) => !hasPassed.get(JSON.stringify([testPath, target])));
  const retryOf = ids[0] ?? '';
  // A green job is run again only by "Re-run all jobs".
  if (open.length === 0 || chain[0]?.status === 'passed') return { retryOf, specs, passedBefore: 0 };
  return { retryOf, specs: open, passedBefore: specs.length - open.length };
}

/** Cancels what is left of the run of the last attempt. */
export const endEarlier = ({ run, ends }: NewRun): Statement[] =>
  ends === undefined ? [] : cancelJobs('run_id = ?1', [ends, run.submittedAt]);
