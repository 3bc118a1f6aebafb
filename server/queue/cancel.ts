import type { InValue } from '@libsql/client';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import type { Statement } from '../db/gate.ts';
import type { Deps } from './deps.ts';
import { findJob, readJob } from './read-job.ts';
import { findRun, type Viewer } from './read-run.ts';
import type { RunRow } from './rows.ts';
import { toRun } from './to-wire.ts';

/**
 * Rows 15 and 16: what has not started is cancelled at once, what runs is flagged and stays its device's until the
 * agent has ended it. Of a final job nothing changes. Errors: `not_found`.
 */
export async function cancelJob(deps: Deps, id: string, viewer: Viewer): Promise<Job> {
  await findJob(deps, id, viewer);
  await deps.gate.write(cancelWhere('id = ?1', [id, deps.now()]));
  return readJob(deps, id, viewer);
}

/** The same for every job of a run. Errors: `not_found`. */
export async function cancelRun(deps: Deps, id: string, viewer: Viewer): Promise<Run> {
  await findRun(deps, id, viewer);
  await deps.gate.write(cancelWhere('run_id = ?1', [id, deps.now()]));
  return toRun(await findRun(deps, id, viewer), deps.settings.publicUrl);
}

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

/** `?2` is now. Which jobs is SQL of our own; its values come first. */
const cancelWhere = (which: string, args: readonly InValue[]): Statement[] => [
  {
    sql: `UPDATE jobs SET status = 'cancelled', outcome = 'cancelled', wait_reason = NULL, run_at = NULL, lease_id = NULL,
            changed_at = ?2, finalized_at = ?2
          WHERE ${which} AND status IN ('waiting', 'queued', 'scheduled')`,
    args: [...args],
  },
  {
    sql: `UPDATE jobs SET cancel_requested_at = ?2, changed_at = ?2
          WHERE ${which} AND status = 'running' AND cancel_requested_at IS NULL`,
    args: [...args],
  },
];
