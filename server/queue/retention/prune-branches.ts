import type { Deps } from '../store/deps.ts';

/**
 * Deletes what is known of branches by runs that were submitted before `before` (epoch ms), at most `most` rows of each kind:
 * a branch without a younger run says nothing any more, so failures are called known for no such reason. True: there may be
 * more. SEARCH base_runs USING INDEX base_runs_submitted, base_failures USING INDEX base_failures_submitted.
 */
export async function pruneBranches(deps: Deps, before: number, most: number): Promise<boolean> {
  const gone = await deps.sql.write(
    ['base_runs', 'base_failures'].map((table) => ({
      sql: `DELETE FROM ${table} WHERE rowid IN (
              SELECT b.rowid FROM ${table} b WHERE b.submitted_at < ?1 ORDER BY b.submitted_at LIMIT ?2) RETURNING run_id`,
      args: [before, most],
    })),
  );
  return gone.some((rows) => rows.length > 0);
}
