import type { InValue } from '@libsql/client';
import type { Statement } from '../../db/statement.ts';

/**
 * A condition that several statements of one write share: they change nothing where it is false. Its values are ?1,
 * ?2 …
 */
export interface Fence {
  readonly sql: string;
  readonly args: readonly InValue[];
}

/**
 * A statement with a fence. `at(1)` is the parameter of its own first value. Its SQL must contain that of the fence.
 */
export function fenced(
  fence: Fence,
  sql: (at: (n: number) => string) => string,
  ...args: InValue[]
): Statement {
  return { sql: sql((n) => `?${fence.args.length + n}`), args: [...fence.args, ...args] };
}
