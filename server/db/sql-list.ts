import { type SQL, sql } from 'drizzle-orm';

/** The values of a tuple as SQL's list of text: `('a', 'b')`. The tuples are our own, nothing from outside comes here. */
export const sqlList = (values: readonly string[]): SQL =>
  sql.raw(`(${values.map((value) => `'${value}'`).join(', ')})`);
