import { Pool } from 'pg';
import { readUrl } from './environment.ts';

/** Opens all connections to the PostgreSQL of the bench, so that none is opened within a phase. */
export async function openPool(connections: number): Promise<Pool> {
  const pool = new Pool({ connectionString: readUrl('BENCH_POSTGRES_URL'), max: connections });
  // A pool ends before its connections do; their errors after that do not matter.
  const printError = (error: Error): void => {
    if (!pool.ending) console.error(`PostgreSQL: ${error.message}`);
  };
  pool.on('error', printError);
  pool.on('connect', (client) => void client.on('error', printError));
  const opened = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  for (const client of opened) client.release();
  return pool;
}

/** "15.18 (Debian …)" without the part in parentheses. */
export const readPostgresVersion = async (pool: Pool): Promise<string> =>
  (await readSetting(pool, 'server_version')).replace(/ .*/, '');

export async function readDurability(pool: Pool): Promise<string> {
  const fsync = await readSetting(pool, 'fsync');
  return `fsync ${fsync}, synchronous_commit ${await readSetting(pool, 'synchronous_commit')}`;
}

async function readSetting(pool: Pool, name: string): Promise<string> {
  const { rows } = await pool.query<{ value: string }>('SELECT current_setting($1) AS value', [name]);
  return rows[0]?.value ?? 'unknown';
}

/** The number that a `SELECT count(*)` returns. */
export async function readCount(pool: Pool, sql: string): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(sql);
  return Number(rows[0]?.count);
}
