import type { InArgs } from '@libsql/client';

/** One statement with its bound values. */
export interface Statement {
  readonly sql: string;
  readonly args?: InArgs;
}
