import { limits } from '../protocol/limits.ts';

/** A page of a list, and where the next one begins. */
interface PageOf<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** What the query of a page begins with. */
export interface PageStart {
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** All rows of a list, page by page. */
export async function allPages<T>(read: (start: PageStart) => Promise<PageOf<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | undefined; ; ) {
    const { rows, next } = await read({ limit: limits.maxPageSize, cursor });
    all.push(...rows);
    if (next === null) return all;
    cursor = next;
  }
}
