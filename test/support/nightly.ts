import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    isNightly: boolean;
  }
}

/** Whether all rows of a long table run (`npm run nightly`), and not only those that stand for the others. */
export const isNightly = inject('isNightly');

/** The rows of a table by their names; by day these alone. */
export const rowsOf = <T>(table: Readonly<Record<string, T>>, byDay: readonly string[]): [string, T][] =>
  Object.entries(table).filter(([name]) => isNightly || byDay.includes(name));
