import { type SQL, sql } from './drizzle.ts';

/** The values of a tuple as SQL's list of text: `('a', 'b')`. For our own tuples: nothing is escaped. */
export const quoteList = (values: readonly string[]): string =>
  `(${values.map((value) => `'${value}'`).join(', ')})`;

/** The same for drizzle. */
export const sqlList = (values: readonly string[]): SQL => sql.raw(quoteList(values));
