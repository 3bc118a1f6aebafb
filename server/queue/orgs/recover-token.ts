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
      sql: `INSERT INTO tokens (id, name, scopes, hash, created_at) VALUES (?, 'operator, recovered', '["operator"]', ?, ?)`,
      args: [minted.id, minted.hash, now()],
    },
  ]);
  return revoked.length;
}
