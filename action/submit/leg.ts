import { createHash } from 'node:crypto';

/** Tells the legs of a matrix apart, by the matrix context as JSON; undefined in a job without one. */
export function legOf(matrix: string): string | undefined {
  if (['', 'null', '{}'].includes(matrix.trim())) return undefined;
  return createHash('sha256').update(matrix).digest('hex').slice(0, 16);
}
