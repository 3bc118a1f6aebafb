import type { Deps } from '../store/deps.ts';
import { firstDay, startOfDay, windowDays } from './days.ts';
import { readTestRows, writeTestRows } from './test-rows.ts';

const rowsPerStep = 200;
/** Failures are shown for longer than they count. */
const failureDays = 90;

/** What is too old to be of use, by the instant of its job. */
const tablesAt = (now: number): readonly (readonly [table: string, column: string, before: number])[] => [
  ['test_sources', 'at', startOfDay(firstDay(now))],
  ['test_failures', 'at', startOfDay(firstDay(now) + windowDays - failureDays)],
  ['quarantines', 'ends_at', startOfDay(firstDay(now) + windowDays - failureDays)],
];

/**
 * Judges some tests anew that have days which have left the window, since nothing else does so for a test that runs no more; and
 * deletes some failures, sources and quarantines that are too old. True: there may be more. SEARCH tests USING COVERING INDEX tests_oldest
 * (oldest_day<?), test_sources USING INDEX test_sources_at (at<?), test_failures USING INDEX test_failures_at (at<?), quarantines
 * USING INDEX quarantines_ends (ends_at<?).
 */
export async function forgetDays(deps: Deps): Promise<boolean> {
  const now = deps.now();
  const [cursor] = await deps.sql.read('SELECT seq FROM ledger_cursor WHERE id = 1');
  const due = await deps.sql.read(
    'SELECT id FROM tests WHERE oldest_day IS NOT NULL AND oldest_day < ? ORDER BY oldest_day LIMIT ?',
    [firstDay(now), rowsPerStep],
  );
  const rows = await readTestRows(
    deps,
    due.map(({ id }) => String(id)),
  );
  const old = await Promise.all(
    tablesAt(now).map(async ([table, column, before]) => {
      const [first] = await deps.sql.read(`SELECT 1 FROM ${table} WHERE ${column} < ? LIMIT 1`, [before]);
      return first ? [deleteOld(table, column, before)] : [];
    }),
  );
  const statements = [...writeTestRows([...rows.values()], now, Number(cursor?.seq ?? 0)), ...old.flat()];
  if (statements.length > 0) await deps.sql.write(statements);
  return statements.length > 0;
}

const deleteOld = (table: string, column: string, before: number) => ({
  sql: `DELETE FROM ${table} WHERE rowid IN (SELECT o.rowid FROM ${table} o WHERE o.${column} < ? LIMIT ?)`,
  args: [before, rowsPerStep],
});
