import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import type { RunRow } from '../store/rows.ts';

type RerunColumns = Pick<RunRow, 'rerunKey' | 'githubAttempt'>;

/**
 * What the attempts of one GitHub job have in common: all that tells it from others, and who submitted it (the same token, or
 * a workflow whose repository and run GitHub has proved). A retry that somebody asked for is no attempt of GitHub's, so
 * nothing goes on with it.
 */
export function rerunColumns({ github }: SubmitRun, submittedBy: string, retryOf?: string): RerunColumns {
  // Without the name of its job a run could stand for any other one.
  if (!github || github.job === '' || retryOf !== undefined) return { rerunKey: null, githubAttempt: null };
  const { repository_id, run_id, job, check_name, leg = null, check_run_name = null } = github;
  const parts = [submittedBy, repository_id, run_id, job, check_name, leg, check_run_name];
  return { rerunKey: JSON.stringify(parts), githubAttempt: github.run_attempt };
}
