import type { Row } from '@libsql/client';
import { getTableColumns, type Table } from 'drizzle-orm';
import { jobs } from '../db/schema.ts';
import type { Deps } from './deps.ts';
import type { JobRow } from './rows.ts';

const toSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** Turns a row of plain SQL into what drizzle would have made of it, at a fraction of the cost. */
function rowReader<T extends Table>(table: T): (row: Row) => T['$inferSelect'] {
  const names = Object.keys(getTableColumns(table)).map((name) => [name, toSnake(name)] as const);
  return (row) => Object.fromEntries(names.map(([name, column]) => [name, row[column]])) as T['$inferSelect'];
}

export const toJobRow: (row: Row) => JobRow = rowReader(jobs);

const jobNames = Object.keys(getTableColumns(jobs));

/** A job's row as one JSON column: the client pays for each column of each row, and a job has many. */
export const jobJson = (alias: string): string =>
  `json_array(${jobNames.map((name) => `${alias}.${toSnake(name)}`).join(', ')})`;

export const parseJobRow = (json: string): JobRow => toJobRowOf(JSON.parse(json));

const toJobRowOf = (values: unknown[]): JobRow =>
  Object.fromEntries(jobNames.map((name, index) => [name, values[index]])) as unknown as JobRow;

/** The jobs of these ids, by id, in one look-up. SEARCH j USING INDEX jobs_id (id=?) */
export async function readJobRows(deps: Deps, ids: readonly string[]): Promise<Map<string, JobRow>> {
  if (ids.length === 0) return new Map();
  const rows = await deps.gate.read('SELECT j.* FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value', [
    JSON.stringify(ids),
  ]);
  return new Map(rows.map((row) => [String(row.id), toJobRow(row)]));
}
