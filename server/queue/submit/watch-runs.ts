import type { Statement } from '../../db/statement.ts';
import type { CheckedSubmit, NewRun } from './new-run.ts';

/** The statements that begin the watch over the clients of new runs; from the submit on they have a minute to come. */
export function watchRuns(checked: readonly CheckedSubmit[], made: readonly NewRun[]): Statement[] {
  const watched = checked.flatMap(({ submit }, index) => {
    const { watchedBy } = submit.input;
    const run = made[index]?.run;
    return watchedBy === undefined || !run ? [] : [[run.id, watchedBy, run.submittedAt]];
  });
  if (watched.length === 0) return [];
  return [
    {
      sql: `INSERT INTO run_watches (run_id, watcher, seen_at)
            SELECT i.value ->> 0, i.value ->> 1, i.value ->> 2 FROM json_each(?) i`,
      args: [JSON.stringify(watched)],
    },
  ];
}
