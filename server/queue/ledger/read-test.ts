import { QgjobError } from '../../../protocol/errors.ts';
import type { TestDetails } from '../../../protocol/shapes/test.ts';
import type { Deps } from '../store/deps.ts';
import { toInstant } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { type Day, inWindow, startOfDay } from './days.ts';
import { readActive } from './quarantine-view.ts';
import { testColumns, toTest } from './test-view.ts';

const failuresShown = 50;

/** A test with its days and its last failures. Errors: `not_found`, also for another org's. SEARCH by the primary keys */
export async function readTest(deps: Deps, id: string, viewer: Viewer): Promise<TestDetails> {
  const [row] = await deps.sql.read(`SELECT ${testColumns}, t.days FROM tests t WHERE t.id = ?`, [id]);
  if (!row || !maySee(viewer, String(row.org_id))) throw new QgjobError('not_found', `no test ${id}`);
  const failures = await deps.sql.read(
    'SELECT job_id, run_id, at, flaky FROM test_failures WHERE test_id = ? ORDER BY at DESC, job_id DESC LIMIT ?',
    [id, failuresShown],
  );
  const days: Day[] = JSON.parse(String(row.days));
  return {
    ...toTest(row, (await readActive(deps, [id])).get(id)),
    days: inWindow(days, deps.now()).map(([day, passed, flaky, failed]) => ({
      day: toInstant(startOfDay(day)).slice(0, 10),
      ...{ passed, flaky, failed },
    })),
    failures: failures.map((one) => ({
      job_id: String(one.job_id),
      run_id: String(one.run_id),
      at: toInstant(Number(one.at)),
      flaky: Number(one.flaky) === 1,
    })),
  };
}
