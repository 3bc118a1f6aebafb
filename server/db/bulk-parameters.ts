/**
 * Begins a statement that is told of many rows by its first parameter: a JSON list with a list of values for each, which
 * `i.v` then is, and `i.key` its place. Each as a text of its own, since SQLite keeps the last texts that it parsed; and by
 * position, since names are looked up one by one.
 */
export const bulkSql = 'WITH i AS MATERIALIZED (SELECT key, value AS v FROM json_each(?1))';

/** Values of an item as SQL, by the names in whose order they are written. */
export const bulkValues =
  <Name extends string>(names: readonly Name[]) =>
  (...wanted: Name[]): string =>
    wanted.map((name) => `i.v ->> ${names.indexOf(name)}`).join(', ');

/** The parameter of such a statement. */
export const toBulkParameter = <Name extends string>(
  names: readonly Name[],
  rows: readonly Readonly<Record<Name, unknown>>[],
): string => JSON.stringify(rows.map((row) => names.map((name) => row[name])));
