import type { Statement } from '../../db/statement.ts';
import { cancelWhere } from '../store/cancel-jobs.ts';
import type { RunRow } from '../store/rows.ts';

/**
 * Cancels the older runs that a new one supersedes: those of the same key, of a lower GitHub run id and another commit,
 * that are not final. Their reason says so from now on, and makes their end neutral.
 */
export function supersedeOlder(run: RunRow): Statement[] {
  if (run.supersedeKey === null || run.githubRunId === null) return [];
  const older = `org_id = ?3 AND supersede_key = ?4 AND finished_at IS NULL AND github_run_id < ?5 AND github_sha <> ?6`;
  const args = [run.id, run.submittedAt, run.orgId, run.supersedeKey, run.githubRunId, run.githubSha];
  return [
    { sql: `UPDATE runs SET reason = 'superseded', changed_at = ?2 WHERE id <> ?1 AND ${older}`, args },
    ...cancelWhere(`run_id IN (SELECT id FROM runs WHERE id <> ?1 AND ${older})`, args),
  ];
}
