import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import type { RunRow } from '../store/rows.ts';

type BranchColumns = Pick<RunRow, 'branchKey' | 'baseKey' | 'lane'>;

/** A branch by its name, however the submit wrote it: `main` and `refs/heads/main` are one. */
const nameOf = (ref: string): string => ref.replace(/^refs\/heads\//, '');

/**
 * Events whose runs test the branch that `ref` names. Not those of pull requests, and not those that run for the default
 * branch whatever they test (`pull_request_target`, `workflow_run`, comments): they must not say what fails on it. Nor may a
 * run that does not say that its code is the event's commit: a schedule can check out any other branch.
 */
const eventsOfBranches = ['push', 'schedule', 'workflow_dispatch'];

/**
 * The branch whose failures this run tells, and the one that its own failures are compared with. GitHub's word goes before
 * the submit's own: `branch` and `base` count only without it. What GitHub has proved is compared with what GitHub has proved
 * alone: anybody with a token could say what fails on a branch. A retry that somebody asked for (`retryOf`) tells nothing of the
 * branch: it may be of an old commit.
 */
export function branchColumns(body: SubmitRun, submittedBy: string, retryOf?: string): BranchColumns {
  const { branchKey, ...columns } = columnsOf(body, submittedBy);
  return { ...columns, branchKey: retryOf === undefined ? branchKey : null };
}

function columnsOf({ github, branch, base }: SubmitRun, submittedBy: string): BranchColumns {
  const keyOf = (one: SubmitRun['branch']): string | null =>
    one === undefined
      ? null
      : JSON.stringify([one.repository_id, nameOf(one.ref), ...(submittedBy === 'github' ? ['proved'] : [])]);
  if (!github) return { branchKey: keyOf(branch), baseKey: keyOf(base), lane: '' };
  const { repository_id, ref, event_name, workflow, job, check_name, leg = null } = github;
  const isOfBranch =
    eventsOfBranches.includes(event_name) &&
    ref.startsWith('refs/heads/') &&
    github.pr_number === undefined &&
    github.code_sha === github.sha;
  const base_ref = github.base_ref ?? baseOfGroup(github);
  return {
    branchKey: isOfBranch ? keyOf({ repository_id, ref }) : null,
    baseKey: base_ref === undefined ? null : keyOf({ repository_id, ref: base_ref }),
    lane: JSON.stringify([workflow, job, check_name, leg]),
  };
}

/** The branch that a merge group goes to, by GitHub's own name of the group's branch. */
function baseOfGroup({ event_name, ref }: NonNullable<SubmitRun['github']>): string | undefined {
  if (event_name !== 'merge_group') return undefined;
  return /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-\d+-[0-9a-f]+$/.exec(ref)?.[1];
}

/** GitHub's id of the repository, or the one that the submit gave; '' where it named none. */
export const repositoryOf = ({ github, branch, base }: SubmitRun): string =>
  (github ?? branch ?? base)?.repository_id ?? '';
