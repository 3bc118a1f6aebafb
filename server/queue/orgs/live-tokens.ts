import { eq } from '../../db/drizzle.ts';
import { tokens } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { isLiveSql } from '../store/live-token.ts';
import type { TokenRow } from '../store/rows.ts';
import { findLiveSignIn } from './sign-in.ts';

/** A token that may be used. `facts`: of one that a workflow got by GitHub's OIDC, what GitHub proves (JSON). */
export interface LiveToken extends Pick<TokenRow, 'id' | 'orgId' | 'scopes' | 'hash' | 'expiresAt'> {
  /** The first token of those that replace each other; null or absent: this one. */
  readonly rootId?: string | null;
  readonly facts?: string;
}

/** The token with this public id; undefined when there is none, or when it was revoked or has expired. */
export async function findLiveToken(deps: Deps, id: string): Promise<LiveToken | undefined> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  if (!row) return findLiveSignIn(deps, id);
  const isLive = row.revokedAt === null && (row.expiresAt === null || row.expiresAt > deps.now());
  return isLive ? row : undefined;
}

const idsPerRead = 500;

/**
 * Which of these tokens (also of workflows) and sessions of browsers are live; a database that cannot be read says nothing.
 * SEARCH … USING INDEX sqlite_autoindex_… (id=?)
 */
export async function findLiveIds(deps: Deps, ids: readonly string[]): Promise<Set<string>> {
  const live = new Set<string>();
  for (let from = 0; from < ids.length; from += idsPerRead) {
    const rows = await deps.sql.read(
      `SELECT t.id FROM json_each(?1) i CROSS JOIN tokens t ON t.id = i.value WHERE ${isLiveSql('t', '?2')}
       UNION ALL SELECT s.id FROM json_each(?1) i CROSS JOIN github_sign_ins s ON s.id = i.value WHERE ${isLiveSql('s', '?2')}
       UNION ALL SELECT w.id FROM json_each(?1) i CROSS JOIN web_sessions w ON w.id = i.value
         WHERE w.ended_at IS NULL AND w.expires_at > ?2`,
      [JSON.stringify(ids.slice(from, from + idsPerRead)), deps.now()],
    );
    for (const { id } of rows) live.add(String(id));
  }
  return live;
}

/** Notes the use of a token, also of one that a workflow got. */
export async function touchToken(deps: Deps, id: string): Promise<void> {
  const args = [deps.now(), id];
  await deps.sql.write([
    { sql: 'UPDATE tokens SET last_used_at = ? WHERE id = ?', args },
    { sql: 'UPDATE github_sign_ins SET last_used_at = ? WHERE id = ?', args },
  ]);
}
