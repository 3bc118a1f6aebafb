import type { InValue } from '@libsql/client';
import type { Statement } from '../db/gate.ts';

/** A condition that several statements of one write share. Its values are bound first, as ?1, ?2 … */
export interface Guard {
  readonly sql: string;
  readonly args: readonly InValue[];
}

/** A statement under a guard. `at(1)` is the place of its own first value, and so on; it must hold the guard's SQL. */
export function guarded(
  guard: Guard,
  sql: (at: (n: number) => string) => string,
  ...args: InValue[]
): Statement {
  return { sql: sql((n) => `?${guard.args.length + n}`), args: [...guard.args, ...args] };
}
