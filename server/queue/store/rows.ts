import type { InArgs, Row } from '@libsql/client';
import { getTableColumns } from '../../db/drizzle.ts';
import {
  type agents,
  type attempts,
  type devices,
  type githubBindings,
  type groups,
  jobs,
  type leases,
  type orgs,
  type runs,
  type tokens,
} from '../../db/schema.ts';
import type { Deps } from './deps.ts';

export type RunRow = typeof runs.$inferSelect;
export type JobRow = typeof jobs.$inferSelect;
export type AttemptRow = typeof attempts.$inferSelect;
export type LeaseRow = typeof leases.$inferSelect;
export type GroupRow = typeof groups.$inferSelect;
export type AgentRow = typeof agents.$inferSelect;
export type DeviceRow = typeof devices.$inferSelect;
export type OrgRow = typeof orgs.$inferSelect;
export type GithubBindingRow = typeof githubBindings.$inferSelect;
export type TokenRow = typeof tokens.$inferSelect;

/** A statement whose rows are one JSON value each. */
export interface ListQuery {
  /** All values as one JSON array. */
  readonly whole: string;
  /** One row for each value. */
  readonly rows: string;
}

/** `item`: the value of a row (SQL); `rest`: the statement from its FROM on. */
export const listOf = (item: string, rest: string): ListQuery => ({
  whole: `SELECT json_group_array(${item}) AS list ${rest}`,
  rows: `SELECT ${item} AS item ${rest}`,
});

/**
 * The statement of a list, for `listIn`. For ordinary rows the client makes an object with each column twice, which costs
 * more than reading the row: so a local file answers all of them as one value. A server gives no value of more than 5 MB.
 */
export const listStatement = (deps: Pick<Deps, 'sql'>, query: ListQuery, args: InArgs) => ({
  sql: deps.sql.isRemote ? query.rows : query.whole,
  args,
});

/** The values in the rows that such a statement has answered. */
export const listIn = <T>(rows: readonly Row[] = []): T[] =>
  rows[0]?.list === undefined
    ? rows.map(({ item }) => JSON.parse(String(item)))
    : JSON.parse(String(rows[0].list));

export async function readList<T>(deps: Pick<Deps, 'sql'>, query: ListQuery, args: InArgs): Promise<T[]> {
  const statement = listStatement(deps, query, args);
  return listIn(await deps.sql.read(statement.sql, args));
}

const toSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const jobNames = Object.keys(getTableColumns(jobs));

/** A row of jobs as a JSON array (SQL); `toJobRow` reads it. */
export const jobJson = (alias: string): string =>
  `json_array(${jobNames.map((name) => `${alias}.${toSnake(name)}`).join(', ')})`;

/** The row that `jobJson` wrote. */
export function toJobRow(values: readonly unknown[]): JobRow {
  const row: Record<string, unknown> = {};
  for (let n = 0; n < jobNames.length; n += 1) row[jobNames[n] ?? ''] = values[n];
  return row as unknown as JobRow;
}

const jobsSql = listOf(`${jobJson('j')}`, `FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value`);

/** The jobs with these ids, by id, by one statement. SEARCH j USING INDEX jobs_id (id=?) */
export async function readJobRows(deps: Deps, ids: readonly string[]): Promise<Map<string, JobRow>> {
  if (ids.length === 0) return new Map();
  const rows = await readList<unknown[]>(deps, jobsSql, [JSON.stringify(ids)]);
  return new Map(rows.map(toJobRow).map((job) => [job.id, job]));
}
