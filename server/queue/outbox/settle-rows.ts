import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import type { Claimed } from './claim-rows.ts';

/** A row that has not been delivered for so long is given up. */
export const giveUpMs = 3 * 24 * 3_600_000;

const firstPauseMs = 5000;
const pauseFactor = 4;
const longestPauseMs = 3_600_000;
/** A receiver may ask for more time, but not for so much that nothing is tried again. */
const longestAskedMs = 6 * 3_600_000;

// A claim that has ended may be another server's by now: it says how the row went, and this one is silent.
const mine = 'seq = ?1 AND claim = ?2';
const fenceOf = ({ seq, claim }: Claimed): [number, string] => [seq, claim];

/** The statement that ends a row: delivered, given up, or of nothing that is there any more. */
export const deleteRow = (row: Claimed): Statement => ({
  sql: `DELETE FROM outbox WHERE ${mine} RETURNING seq`,
  args: fenceOf(row),
});

/** The pause before the next try, ms: 5 s, 20 s, 80 s, 5 min, 21 min, then an hour; a little less at random. */
export function pauseOf(tries: number, askedMs: number, random: () => number): number {
  const pause = Math.min(longestPauseMs, firstPauseMs * pauseFactor ** (tries - 1));
  return Math.max(Math.round(pause * (1 - random() / 4)), Math.min(askedMs, longestAskedMs));
}

/** The statement that puts a row off. `askedMs`: the receiver wants so much time. */
export const putOff = (deps: Deps, row: Claimed, error: string, askedMs = 0): Statement => ({
  sql: `UPDATE outbox SET claim = NULL, due_at = ?3, error = ?4 WHERE ${mine} RETURNING seq`,
  args: [...fenceOf(row), deps.now() + pauseOf(row.tries, askedMs, deps.random), error],
});

/** True: the row has had its time. */
export const isOver = (deps: Deps, row: Claimed): boolean => deps.now() - row.createdAt >= giveUpMs;

/** Counts rows that were given up, once that is on disk. */
export function countGivenUp({ meter }: Pick<Deps, 'meter'>, lane: string, n: number): void {
  if (n > 0) meter.count('outboxGivenUp', { kind: kindOf(lane) }, n);
}

/** `webhook` or `github`. */
export const kindOf = (lane: string): string => lane.split(':')[0] ?? '';

/** Gives rows back that this server does not deliver any more, because it stops: they are due at once, untried. */
export async function giveBack(deps: Deps, rows: readonly Claimed[]): Promise<void> {
  if (rows.length === 0) return;
  await deps.sql.write(
    rows.map((row) => ({
      sql: `UPDATE outbox SET claim = NULL, due_at = ?3, tries = tries - 1 WHERE ${mine}`,
      args: [...fenceOf(row), deps.now()],
    })),
  );
}
