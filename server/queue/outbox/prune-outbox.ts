import type { Deps } from '../store/deps.ts';
import { countGivenUp, giveUpMs } from './settle-rows.ts';
import { webhookOf } from './webhooks.ts';

/** So many rows may wait for one receiver. */
const rowsPerLane = 50_000;
/** A comment that nobody wrote for so long is found again at GitHub, should there be more to say. */
const commentMs = 90 * 24 * 3_600_000;

/** Drops the oldest rows of lanes that have too many, and counts them; forgets comments of long ago. */
export async function pruneOutbox(deps: Deps, most = rowsPerLane): Promise<{ lane: string; n: number }[]> {
  const before = deps.now() - commentMs;
  await deps.sql.write([{ sql: 'DELETE FROM github_comments WHERE written_at < ?', args: [before] }]);
  const full = await deps.sql.read(
    'SELECT lane, count(*) AS n FROM outbox GROUP BY lane HAVING count(*) > ?',
    [most],
  );
  const dropped: { lane: string; n: number }[] = [];
  for (const row of full) {
    const lane = String(row.lane);
    const n = Number(row.n) - most;
    await deps.sql.write([
      {
        sql: 'DELETE FROM outbox WHERE seq IN (SELECT seq FROM outbox WHERE lane = ? ORDER BY seq LIMIT ?)',
        args: [lane, n],
      },
      {
        sql: 'UPDATE webhooks SET dropped = dropped + ?2 WHERE id = ?1',
        args: [webhookOf(lane) ?? '', n],
      },
    ]);
    countGivenUp(deps, lane, n);
    dropped.push({ lane, n });
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
