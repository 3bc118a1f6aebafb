import type { InValue } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';

/** A condition that several statements of one write share. Its values are bound first, as ?1, ?2 … */
export interface Fence {
  readonly sql: string;
  readonly args: readonly InValue[];
}

/** A statement under a guard. `at(1)` is the place of its own first value, and so on; it must hold the guard's SQL. */
export function fenced(
  guard: Fence,
  sql: (at: (n: number) => string) => string,
  ...args: InValue[]
): Statement {
  return { sql: sql((n) => `?${guard.args.length + n}`), args: [...guard.args, ...args] };
}
