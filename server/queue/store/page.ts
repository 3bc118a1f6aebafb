/** A page of rows, and the cursor at which the next page begins; null on the last page. */
export interface Page<T> {
  readonly rows: T[];
  readonly nextCursor: string | null;
}

/** The page of `limit` rows. `rows` must be read with a limit of one more, which tells whether another page follows. */
export function toPage<T>(rows: readonly T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { rows: page, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null };
}
