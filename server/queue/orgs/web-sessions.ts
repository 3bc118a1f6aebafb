import { and, eq, isNull } from '../../db/drizzle.ts';
import { webSessions } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { isLiveSql } from '../store/live-token.ts';

/** A session of a browser as it is stored. Instants in epoch ms. */
export interface WebSession {
  readonly id: string;
  /** SHA-256 of the cookie's secret, hex. */
  readonly hash: string;
  readonly tokenId: string;
  readonly expiresAt: number;
}

/** Stores a session of a live token, also of one that a workflow got; false where the token has ended meanwhile. */
export async function storeSession(
  deps: Deps,
  { id, hash, tokenId, expiresAt }: WebSession,
): Promise<boolean> {
  const [made] = await deps.sql.write([
    {
      sql: `INSERT INTO web_sessions (id, hash, token_id, created_at, expires_at)
            SELECT ?1, ?2, ?3, ?4, ?5
            WHERE EXISTS (SELECT 1 FROM tokens t WHERE t.id = ?3 AND ${isLiveSql('t', '?4')})
              OR EXISTS (SELECT 1 FROM github_sign_ins s WHERE s.id = ?3 AND ${isLiveSql('s', '?4')})
            RETURNING id`,
      args: [id, hash, tokenId, deps.now(), expiresAt],
    },
  ]);
  return made?.length === 1;
}

/** Undefined where there is none, or it has ended. */
export async function findSession(deps: Deps, id: string): Promise<WebSession | undefined> {
  const [row] = await deps.db
    .select()
    .from(webSessions)
    .where(and(eq(webSessions.id, id), isNull(webSessions.endedAt)));
  return row && row.expiresAt > deps.now() ? row : undefined;
}

export async function endSession(deps: Deps, id: string): Promise<void> {
  await deps.sql.write([
    {
      sql: 'UPDATE web_sessions SET ended_at = coalesce(ended_at, ?2) WHERE id = ?1',
      args: [id, deps.now()],
    },
  ]);
}

/** Ends all sessions of a token, and answers their ids. SEARCH web_sessions USING INDEX web_sessions_token (token_id=?) */
export async function endSessionsOf(deps: Deps, tokenId: string): Promise<string[]> {
  const [ended = []] = await deps.sql.write([
    {
      sql: 'UPDATE web_sessions SET ended_at = ?2 WHERE token_id = ?1 AND ended_at IS NULL RETURNING id',
      args: [tokenId, deps.now()],
    },
  ]);
  return ended.map(({ id }) => String(id));
}
