import { randomBytes } from 'node:crypto';
import type { Deps } from '../store/deps.ts';

/**
 * The key of the lease tokens, 32 bytes as hex. The first server of a database makes it; all others, and every later
 * start, read the same one.
 */
export async function ensureLeaseKey({ sql, now }: Pick<Deps, 'sql' | 'now'>): Promise<string> {
  const known = await readKey(sql);
  if (known !== undefined) return known;
  await sql.write([
    {
      sql: `INSERT INTO keys (name, value, created_at) VALUES ('lease_tokens', ?, ?) ON CONFLICT DO NOTHING`,
      args: [randomBytes(32).toString('hex'), now()],
    },
  ]);
  // Not the bytes from above: another server may have been faster.
  const made = await readKey(sql);
  if (made === undefined) throw new Error('the key of the lease tokens was written and is not there');
  return made;
}

async function readKey(sql: Deps['sql']): Promise<string | undefined> {
  const [row] = await sql.read(`SELECT value FROM keys WHERE name = 'lease_tokens'`);
  return row && String(row.value);
}
