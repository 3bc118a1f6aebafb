import type { Test } from '../../../protocol/shapes/test.ts';
import type { Deps } from '../store/deps.ts';
import { readActive } from './quarantine-view.ts';
import { testColumns, toTest } from './test-view.ts';

/** So many targets are compared at most. */
const mostShown = 50;

/** The same test on all targets that it has run on, this one too. SEARCH t USING INDEX tests_name (org_id=? AND test_path=? AND title=?) */
export async function readTargets(
  deps: Deps,
  { org_id, test_path, title, repository_id, file, case_id }: Test,
): Promise<Test[]> {
  const rows = await deps.sql.read(
    `SELECT ${testColumns} FROM tests t WHERE t.org_id = ?1 AND t.test_path = ?2 AND t.title = ?3
       AND t.repository_id = ?4 AND t.file = ?5 AND t.case_id = ?6 ORDER BY t.id LIMIT ${mostShown}`,
    [org_id, test_path, title ?? '', repository_id, file ?? '', case_id ?? ''],
  );
  const active = await readActive(
    deps,
    rows.map(({ id }) => String(id)),
  );
  return rows
    .map((row) => toTest(row, active.get(String(row.id))))
    .sort((a, b) => (a.target < b.target ? -1 : 1));
}
