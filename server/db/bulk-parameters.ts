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

/** A libSQL server takes values of at most 5 MB. */
const parameterBytes = 3 * 1024 * 1024;

/** A parameter with some of many rows. */
export interface Part {
  /** A JSON list of the rows. */
  readonly json: string;
  /** The place of its first row among all rows. */
  readonly from: number;
}

/** Rows as parameters that a libSQL server takes, at least one; a single row must be below the limit. */
export function toParts(rows: readonly unknown[]): Part[] {
  // Nearly always; row by row takes more than twice as long.
  const all = JSON.stringify(rows);
  if (Buffer.byteLength(all) <= parameterBytes) return [{ json: all, from: 0 }];
  const parts: Part[] = [];
  let part: string[] = [];
  let bytes = 0;
  const close = (end: number) => parts.push({ json: `[${part.join()}]`, from: end - part.length });
  for (const [place, row] of rows.entries()) {
    const json = JSON.stringify(row);
    const size = Buffer.byteLength(json) + 1;
    if (bytes + size > parameterBytes && part.length > 0) {
      close(place);
      part = [];
      bytes = 0;
    }
    part.push(json);
    bytes += size;
  }
  close(rows.length);
  return parts;
}
