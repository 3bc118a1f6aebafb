import { Pool } from 'pg';
import { readUrl } from './environment.ts';

/** Connections to the PostgreSQL of the bench, opened now: their start is not part of a phase. */
export async function openPool(connections: number): Promise<Pool> {
  const pool = new Pool({ connectionString: readUrl('BENCH_POSTGRES_URL'), max: connections });
  // A pool says that it has ended before its connections have: what they say after that is of no interest.
  const complain = (error: Error): void => {
    if (!pool.ending) console.error(`PostgreSQL: ${error.message}`);
  };
  pool.on('error', complain);
  pool.on('connect', (client) => void client.on('error', complain));
  const opened = await Promise.all(Array.from({ length: connections }, () => pool.connect()));
  for (const client of opened) client.release();
  return pool;
}

/** "15.18 (Debian …)" without what the packager adds. */
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

/** The one number that a statement answers. */
export async function readCount(pool: Pool, sql: string): Promise<number> {
  const { rows } = await pool.query<{ count: string }>(sql);
  return Number(rows[0]?.count);
}
