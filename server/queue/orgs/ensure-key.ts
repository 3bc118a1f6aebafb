import { randomBytes } from 'node:crypto';
import type { Deps } from '../store/deps.ts';

/** What is derived with it: the tokens of leases, or the secrets of webhooks. */
type KeyName = 'lease_tokens' | 'webhook_secrets';

/**
 * A key of the database, 32 bytes as hex. The first server of a database makes it; all others, and every later start, read
 * the same one.
 */
export async function ensureKey({ sql, now }: Pick<Deps, 'sql' | 'now'>, name: KeyName): Promise<string> {
  const known = await readKey(sql, name);
  if (known !== undefined) return known;
  await sql.write([
    {
      sql: `INSERT INTO keys (name, value, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
      args: [name, randomBytes(32).toString('hex'), now()],
    },
  ]);
  // Not the bytes from above: another server may have been faster.
  const made = await readKey(sql, name);
  if (made === undefined) throw new Error(`the key ${name} was written and is not there`);
  return made;
}

async function readKey(sql: Deps['sql'], name: KeyName): Promise<string | undefined> {
  const [row] = await sql.read('SELECT value FROM keys WHERE name = ?', [name]);
  return row && String(row.value);
}
