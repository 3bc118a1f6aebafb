import type { Deps } from '../store/deps.ts';

/**
 * Deletes borrows that ended before `before` (epoch ms), at most `most` of them. True: there may be more. SEARCH borrows USING
 * INDEX borrows_ended (ended_at<?)
 */
export async function pruneBorrows(deps: Deps, before: number, most: number): Promise<boolean> {
  const [gone = []] = await deps.sql.write([
    {
      sql: `DELETE FROM borrows WHERE id IN (
              SELECT id FROM borrows WHERE ended_at < ?1 ORDER BY ended_at LIMIT ?2) RETURNING id`,
      args: [before, most],
    },
  ]);
  return gone.length > 0;
}
