import type { Deps } from '../store/deps.ts';
import type { Minted } from './sign-in.ts';

/**
 * Stores another operator token; with `revokeOthers` those of before end in the same commit. Answers how many did. Only
 * for whoever holds the database: no call of the API may do it.
 */
export async function storeRecoveredToken(
  { sql, now }: Pick<Deps, 'sql' | 'now'>,
  minted: Minted,
  revokeOthers: boolean,
): Promise<number> {
  const [revoked = []] = await sql.write([
    {
      sql: `UPDATE tokens SET revoked_at = ?1 WHERE scopes = '["operator"]' AND revoked_at IS NULL AND ?2 RETURNING id`,
      args: [now(), revokeOthers ? 1 : 0],
    },
    {
      // Of the line of the first one: what that has made goes on by it.
      sql: `INSERT INTO tokens (id, name, scopes, hash, created_at, root_id) SELECT ?1, 'operator, recovered', '["operator"]', ?2, ?3,
              (SELECT coalesce(t.root_id, t.id) FROM tokens t WHERE t.scopes = '["operator"]' ORDER BY t.created_at LIMIT 1)`,
      args: [minted.id, minted.hash, now()],
    },
  ]);
  return revoked.length;
}
