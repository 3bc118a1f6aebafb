import type { Deps } from '../store/deps.ts';

/**
 * Deletes lines of the audit log from before `before` (epoch ms), the oldest first, of at most `most` numbers. Nothing else
 * deletes one. True: there may be more. SEARCH audit USING INTEGER PRIMARY KEY (rowid>? AND rowid<?).
 */
export async function pruneAudit(deps: Deps, before: number, most: number): Promise<boolean> {
  const [gone = []] = await deps.sql.write([
    {
      sql: `DELETE FROM audit WHERE seq >= (SELECT min(seq) FROM audit) AND seq < (SELECT min(seq) FROM audit) + ?2
              AND at < ?1 RETURNING seq`,
      args: [before, most],
    },
  ]);
  return gone.length > 0;
}
