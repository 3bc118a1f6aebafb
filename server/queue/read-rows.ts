import { getTableColumns } from 'drizzle-orm';
import { jobs } from '../db/schema.ts';
import type { Deps } from './deps.ts';
import type { JobRow } from './rows.ts';

const toSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const jobNames = Object.keys(getTableColumns(jobs));

/**
 * A row of jobs as one JSON column. The client makes an object with each column twice of every row, which costs more than
 * reading it: a job has 38.
 */
export const jobJson = (alias: string): string =>
  `json_array(${jobNames.map((name) => `${alias}.${toSnake(name)}`).join(', ')})`;

/** The row of what `jobJson` gave. */
export function toJobRow(values: readonly unknown[]): JobRow {
  const row: Record<string, unknown> = {};
  for (let n = 0; n < jobNames.length; n += 1) row[jobNames[n] ?? ''] = values[n];
  return row as unknown as JobRow;
}

export const parseJobRow = (json: unknown): JobRow => toJobRow(JSON.parse(String(json)));

const rowsSql = `SELECT ${jobJson('j')} AS job FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value`;

/** The jobs of these ids, by id, in one look-up. SEARCH j USING INDEX jobs_id (id=?) */
export async function readJobRows(deps: Deps, ids: readonly string[]): Promise<Map<string, JobRow>> {
  if (ids.length === 0) return new Map();
  const rows = await deps.gate.read(rowsSql, [JSON.stringify(ids)]);
  return new Map(rows.map((row) => parseJobRow(row.job)).map((job) => [job.id, job]));
}
