import type { Deps } from '../store/deps.ts';

/**
 * Deletes sessions of browsers whose time was over before `before` (epoch ms), at most `most` of them. True: there may be
 * more. SEARCH web_sessions USING INDEX web_sessions_expiry (expires_at<?)
 */
export async function pruneSessions(deps: Deps, before: number, most: number): Promise<boolean> {
  const [gone = []] = await deps.sql.write([
    {
      sql: `DELETE FROM web_sessions WHERE id IN (
              SELECT id FROM web_sessions WHERE expires_at < ?1 ORDER BY expires_at LIMIT ?2) RETURNING id`,
      args: [before, most],
    },
  ]);
  return gone.length > 0;
}
