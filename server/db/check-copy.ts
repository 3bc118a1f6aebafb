import { createClient } from '@libsql/client';
import { urlOf } from './file-url.ts';
import { findWhyForeign } from './migrate.ts';
import { isDamage } from './store-error.ts';

/**
 * Why a database file that came from elsewhere must not be used; undefined: it is sound, and of a schema that this
 * version has or can bring to its own. Reads every page of it, about 2 s for a gigabyte.
 */
export async function findWhyUnusable(file: string): Promise<string | undefined> {
  const client = createClient({ url: urlOf(file), concurrency: 1 });
  try {
    const { rows } = await client.execute('PRAGMA integrity_check(1)');
    const said = String(rows[0]?.integrity_check ?? 'it cannot be checked');
    if (said !== 'ok') return `is damaged: ${said.replace(/\s+/g, ' ')}`;
    return await findWhyForeign(client);
  } catch (error) {
    const { message } = error as Error;
    if (isDamage(error) || /malformed|unsupported file format/.test(message)) return `is damaged: ${message}`;
    throw error;
  } finally {
    client.close();
  }
}
