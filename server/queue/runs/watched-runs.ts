import { cancelJobs } from '../store/cancel-jobs.ts';
import type { Deps } from '../store/deps.ts';

/** So long after the last GET that waits for the run its client is gone. */
export const goneAfterMs = 60_000;

/** A watch is written down at most so often. */
const noteEveryMs = 5000;

/** The client is there. Of another token than the one that submitted it means nothing. */
export async function noteWatch(deps: Deps, runId: string, watcher: string): Promise<void> {
  const before = deps.now() - noteEveryMs;
  const args = [runId, watcher, before];
  const mine = 'run_id = ?1 AND watcher = ?2 AND seen_at <= ?3';
  const [row] = await deps.sql.read(`SELECT 1 FROM run_watches WHERE ${mine}`, args);
  if (!row) return;
  await deps.sql.write([
    { sql: `UPDATE run_watches SET seen_at = ?4 WHERE ${mine}`, args: [...args, deps.now()] },
  ]);
}

/** The client leaves on purpose, and the run goes on. */
export async function endWatch(deps: Deps, runId: string, watcher: string): Promise<void> {
  await deps.sql.write([
    { sql: 'DELETE FROM run_watches WHERE run_id = ? AND watcher = ?', args: [runId, watcher] },
  ]);
}

/**
 * Cancels the runs whose clients are gone, and answers their ids. SEARCH run_watches USING INDEX run_watches_seen
 * (seen_at<?).
 */
export async function cancelUnwatched(deps: Deps): Promise<string[]> {
  const args = [deps.now() - goneAfterMs, deps.now()];
  const [some] = await deps.sql.read(
    'SELECT 1 FROM run_watches WHERE seen_at <= ?1 LIMIT 1',
    args.slice(0, 1),
  );
  if (!some) return [];
  // A client that came back meanwhile is there: each statement asks again.
  const results = await deps.sql.write([
    {
      sql: `SELECT w.run_id FROM run_watches w CROSS JOIN runs r ON r.id = w.run_id
            WHERE w.seen_at <= ?1 AND r.finished_at IS NULL`,
      args: args.slice(0, 1),
    },
    ...cancelJobs('run_id IN (SELECT w.run_id FROM run_watches w WHERE w.seen_at <= ?1)', args),
    { sql: 'DELETE FROM run_watches WHERE seen_at <= ?1', args: args.slice(0, 1) },
  ]);
  return (results[0] ?? []).map((row) => String(row.run_id));
}
