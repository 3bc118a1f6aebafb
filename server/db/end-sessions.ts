import { createClient } from '@libsql/client';
import { urlOf } from './file-url.ts';

/**
 * Ends the sessions of browsers in a database file that came from elsewhere, and deletes the key by which versions before
 * signed them: whoever was signed in at the time of a backup is not when it is back.
 */
export async function endSessions(file: string): Promise<void> {
  const client = createClient({ url: urlOf(file), concurrency: 1 });
  try {
    const { rows } = await client.execute(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name IN ('web_sessions', 'keys')`,
    );
    const tables = rows.map(({ name }) => String(name));
    if (tables.includes('web_sessions')) await client.execute('DELETE FROM web_sessions');
    if (tables.includes('keys')) await client.execute(`DELETE FROM keys WHERE name = 'web_sessions'`);
  } finally {
    client.close();
  }
}
