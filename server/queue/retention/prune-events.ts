import type { Deps } from '../store/deps.ts';

/**
 * Deletes events from before `before` (epoch ms), the oldest first, of at most `most` numbers. The last one stays: the next
 * one gets its number from it. So do those that are not counted yet. True: there may be more. SEARCH events USING INTEGER
 * PRIMARY KEY (rowid>? AND rowid<?).
 */
export async function pruneEvents(deps: Deps, before: number, most: number): Promise<boolean> {
  const [gone = []] = await deps.sql.write([
    {
      sql: `DELETE FROM events WHERE seq >= (SELECT min(seq) FROM events) AND seq < (SELECT min(seq) FROM events) + ?2
              AND seq < (SELECT max(seq) FROM events) AND seq <= (SELECT seq FROM counted_events WHERE id = 1)
              AND at < ?1 RETURNING seq`,
      args: [before, most],
    },
  ]);
  return gone.length > 0;
}

/**
 * Deletes leases that ended before `before` (epoch ms) among the next `most` after the row `from`, in the order in which they
 * were made. Answers the row to go on from; undefined at the end. SEARCH leases USING INTEGER PRIMARY KEY.
 */
export async function pruneLeases(
  deps: Deps,
  before: number,
  from: number,
  most: number,
): Promise<number | undefined> {
  const [next] = await deps.sql.read(
    'SELECT min(rowid) AS first, (SELECT created_at FROM leases WHERE rowid = (SELECT min(rowid) FROM leases WHERE rowid >= ?1)) AS made FROM leases WHERE rowid >= ?1',
    [from],
  );
  if (next?.first === null || next?.first === undefined || Number(next.made) >= before) return undefined;
  const first = Number(next.first);
  await deps.sql.write([
    {
      sql: 'DELETE FROM leases WHERE rowid >= ?1 AND rowid < ?1 + ?2 AND ended_at < ?3',
      args: [first, most, before],
    },
  ]);
  return first + most;
}
