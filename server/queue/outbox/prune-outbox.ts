import type { Deps } from '../store/deps.ts';
import { countGivenUp, giveUpMs } from './settle-rows.ts';
import { webhookOf } from './webhooks.ts';

/** So many rows may wait for one receiver. */
const rowsPerLane = 50_000;
/** A comment that nobody wrote for so long is found again at GitHub, should there be more to say. */
const commentMs = 90 * 24 * 3_600_000;

/** How many rows of the lane ?1 are above ?2 (SQL): counted when they are dropped, since another server may drop them too. */
const surplus = 'max(0, (SELECT count(*) FROM outbox WHERE lane = ?1) - ?2)';

/** Drops the oldest rows of lanes that have too many, and counts them; forgets comments of long ago. */
export async function pruneOutbox(deps: Deps, most = rowsPerLane): Promise<{ lane: string; n: number }[]> {
  const before = deps.now() - commentMs;
  await deps.sql.write([{ sql: 'DELETE FROM github_comments WHERE written_at < ?', args: [before] }]);
  const full = await deps.sql.read('SELECT lane FROM outbox GROUP BY lane HAVING count(*) > ?', [most]);
  const dropped: { lane: string; n: number }[] = [];
  for (const row of full) {
    const lane = String(row.lane);
    const [, gone = []] = await deps.sql.write([
      {
        sql: `UPDATE webhooks SET dropped = dropped + ${surplus} WHERE id = ?3`,
        args: [lane, most, webhookOf(lane) ?? ''],
      },
      {
        sql: `DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE lane = ?1 ORDER BY seq LIMIT ${surplus})
              RETURNING seq`,
        args: [lane, most],
      },
    ]);
    if (gone.length === 0) continue;
    countGivenUp(deps, lane, gone.length);
    dropped.push({ lane, n: gone.length });
  }
  return dropped;
}

/**
 * Drops what GitHub was to be told and what nobody tries, once it is as old as what was tried in vain; answers how much.
 * SEARCH outbox USING INDEX outbox_lane (lane>? AND lane<?)
 */
export async function dropOldReports(deps: Deps): Promise<number> {
  const [rows = []] = await deps.sql.write([
    {
      sql: `DELETE FROM outbox WHERE lane > 'github:' AND lane < 'github;' AND created_at <= ? RETURNING seq`,
      args: [deps.now() - giveUpMs],
    },
  ]);
  countGivenUp(deps, 'github', rows.length);
  return rows.length;
}
