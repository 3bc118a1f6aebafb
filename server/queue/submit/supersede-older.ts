import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import type { Statement } from '../../db/statement.ts';
import { cancelJobs } from '../store/cancel-jobs.ts';
import type { RunRow } from '../store/rows.ts';

type SupersedeColumns = Pick<RunRow, 'supersedeKey' | 'githubRunId' | 'githubSha'>;

/**
 * What decides which runs a newer commit supersedes: same repository, pull request, workflow, job, check and matrix
 * leg. What GitHub has not proved anybody may say, so such a run supersedes only those of the same token. The key is
 * null where nothing may supersede the run.
 */
export function supersedeColumns({ github, supersede }: SubmitRun, submittedBy: string): SupersedeColumns {
  if (!github) return { supersedeKey: null, githubRunId: null, githubSha: null };
  const { repository_id, pr_number, workflow, job, check_name, leg = null } = github;
  const isOpen = supersede === true && pr_number !== undefined;
  return {
    supersedeKey: isOpen
      ? JSON.stringify([submittedBy, repository_id, pr_number, workflow, job, check_name, leg])
      : null,
    githubRunId: Number(github.run_id) || null,
    githubSha: github.sha,
  };
}

/**
 * Cancels the older runs that a new run supersedes: those of the same key, with a lower GitHub run id and another
 * commit, that are not final. Their reason is `superseded`, which makes their conclusion neutral.
 */
export function supersedeOlder(run: RunRow): Statement[] {
  if (run.supersedeKey === null || run.githubRunId === null) return [];
  const older = `org_id = ?3 AND supersede_key = ?4 AND finished_at IS NULL AND github_run_id < ?5 AND github_sha <> ?6`;
  const args = [run.id, run.submittedAt, run.orgId, run.supersedeKey, run.githubRunId, run.githubSha];
  return [
    { sql: `UPDATE runs SET reason = 'superseded', changed_at = ?2 WHERE id <> ?1 AND ${older}`, args },
    ...cancelJobs(`run_id IN (SELECT id FROM runs WHERE id <> ?1 AND ${older})`, args),
  ];
}
