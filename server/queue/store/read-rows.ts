import type { InArgs } from '@libsql/client';
import { getTableColumns } from 'drizzle-orm';
import { jobs } from '../../db/schema.ts';
import type { Deps } from './deps.ts';
import type { JobRow } from './rows.ts';

const toSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const jobNames = Object.keys(getTableColumns(jobs));

/**
 * The rows of a statement that answers them as one JSON array, in the column `list`. The client makes an object with each
 * column twice of every row, which costs more than reading it.
 */
export async function readList<T>(deps: Pick<Deps, 'sql'>, sql: string, args: InArgs): Promise<T[]> {
  const [row] = await deps.sql.read(sql, args);
  return JSON.parse(String(row?.list ?? '[]'));
}

/** A row of jobs as a JSON array; `toJobRow` reads it. */
export const jobJson = (alias: string): string =>
  `json_array(${jobNames.map((name) => `${alias}.${toSnake(name)}`).join(', ')})`;

/** The row of what `jobJson` gave. */
export function toJobRow(values: readonly unknown[]): JobRow {
  const row: Record<string, unknown> = {};
  for (let n = 0; n < jobNames.length; n += 1) row[jobNames[n] ?? ''] = values[n];
  return row as unknown as JobRow;
}

const rowsSql = `SELECT json_group_array(${jobJson('j')}) AS list FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value`;

/** The jobs of these ids, by id, in one look-up. SEARCH j USING INDEX jobs_id (id=?) */
export async function readJobRows(deps: Deps, ids: readonly string[]): Promise<Map<string, JobRow>> {
  if (ids.length === 0) return new Map();
  const rows = await readList<unknown[]>(deps, rowsSql, [JSON.stringify(ids)]);
  return new Map(rows.map(toJobRow).map((job) => [job.id, job]));
}
