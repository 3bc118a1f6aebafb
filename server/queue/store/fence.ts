import type { InValue } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';

/** A condition that several statements of one write share. Its values are bound first, as ?1, ?2 … */
export interface Fence {
  readonly sql: string;
  readonly args: readonly InValue[];
}

/** A statement under a fence. `at(1)` is the place of its own first value, and so on; it must hold the fence's SQL. */
export function fenced(
  fence: Fence,
  sql: (at: (n: number) => string) => string,
  ...args: InValue[]
): Statement {
  return { sql: sql((n) => `?${fence.args.length + n}`), args: [...fence.args, ...args] };
}
