/**
 * Begins a statement for many rows. Its first parameter is a JSON list with one list of values per row; `i.v` is the list
 * of a row and `i.key` its place. `i.v` is materialised as text because SQLite caches the last JSON texts that it parsed;
 * values go by position because a lookup by name scans the names.
 */
export const bulkSql = 'WITH i AS MATERIALIZED (SELECT key, value AS v FROM json_each(?1))';

/** SQL of the wanted values of a row; `names` gives their order in the list. */
export const bulkValues =
  <Name extends string>(names: readonly Name[]) =>
  (...wanted: Name[]): string =>
    wanted.map((name) => `i.v ->> ${names.indexOf(name)}`).join(', ');

/** The first parameter of such a statement. */
export const toBulkParameter = <Name extends string>(
  names: readonly Name[],
  rows: readonly Readonly<Record<Name, unknown>>[],
): string => JSON.stringify(rows.map((row) => names.map((name) => row[name])));
