import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { TestFilters, TestList, testSorts } from '../../../protocol/shapes/test.ts';
import type { Deps } from '../store/deps.ts';
import type { Viewer } from '../store/viewer.ts';
import { readActive } from './quarantine-view.ts';
import { testColumns, toTest } from './test-view.ts';
import { whichOrg } from './which-org.ts';

type Sort = (typeof testSorts)[number];
type Value = string | number;

/** Of an index: its columns after the org, in its direction. */
interface Order {
  readonly columns: readonly string[];
  readonly isDescending: boolean;
  /** The condition of the partial index, to the letter. */
  readonly when: string;
}

/** At most so many rows are looked at for a page: what no filter keeps out is found at once, all else page by page. */
const rowsPerPage = 5000;

/**
 * Tests of an org, in the order that is asked for. A page ends where it is full, or where so many rows were looked at that the
 * rest is for the next one. SEARCH tests USING (COVERING) INDEX tests_name, tests_flaky, tests_slow or tests_slow_files.
 * Errors: `invalid`.
 */
export async function listTests(deps: Deps, filters: TestFilters, viewer: Viewer): Promise<TestList> {
  const orgId = await whichOrg(deps, viewer);
  if (orgId === undefined) return { tests: [], next_cursor: null };
  const limit = filters.limit ?? limits.pageSize;
  const order = orderOf(filters);
  const after = filters.cursor === undefined ? [] : await placeOf(deps, filters.cursor, order, orgId);
  const { sql, args } = scanSql(order, orgId, after);
  const { when, values } = conditionsOf(filters);
  const found = await deps.sql.read(
    `SELECT ${testColumns} FROM (${sql} LIMIT ${rowsPerPage}) k CROSS JOIN tests t ON t.rowid = k.place WHERE ${when} LIMIT ?`,
    [...args, ...values, limit + 1],
  );
  const cursorOf = (row: (typeof found)[number]) =>
    order.columns.length === 2 ? `${row[order.columns[0] ?? '']}:${row.id}` : `:${row.id}`;
  const page = found.slice(0, limit);
  const full = found.length > limit ? page.at(-1) : undefined;
  const [beyond] = full ? [] : await deps.sql.read(`${sql} LIMIT 1 OFFSET ${rowsPerPage - 1}`, args);
  const last = full ?? beyond;
  const active = await readActive(
    deps,
    page.map(({ id }) => String(id)),
  );
  const tests = page.map((row) => toTest(row, active.get(String(row.id))));
  return { tests, next_cursor: last ? cursorOf(last) : null };
}

const orders: Readonly<Record<Sort, (isFile: boolean) => Order>> = {
  name: () => ({ columns: ['test_path', 'title', 'id'], isDescending: false, when: 'true' }),
  flaky: () => ({ columns: ['flaky_low', 'id'], isDescending: true, when: 'flaky_low IS NOT NULL' }),
  slow: (isFile) => ({
    columns: ['p50_ms', 'id'],
    isDescending: true,
    when: `p50_ms IS NOT NULL AND ${isFile ? "title = ''" : 'is_leaf = 1'}`,
  }),
};

const orderOf = ({ sort = 'name', kind }: TestFilters): Order => orders[sort](kind === 'file');

/** The place of each row in the order, from the one after `after` on. */
function scanSql({ columns, isDescending, when }: Order, orgId: string, after: readonly Value[]) {
  const names = columns.join(', ');
  const rest =
    after.length === 0 ? '' : `AND (${names}) ${isDescending ? '<' : '>'} (${columns.map(() => '?')})`;
  const by = columns.map((name) => (isDescending ? `${name} DESC` : name)).join(', ');
  const sql = `SELECT rowid AS place, ${names} FROM tests WHERE org_id = ? AND ${when} ${rest} ORDER BY ${by}`;
  return { sql, args: [orgId, ...after] };
}

/** The values at which the page before ended. Of an order by names the cursor has the id alone, since names may be long. */
async function placeOf(deps: Deps, cursor: string, order: Order, orgId: string): Promise<Value[]> {
  const [value = '', id = ''] = cursor.split(':');
  if (order.columns.length === 2 && value !== '') return [Number(value), id];
  const [row] = value === '' ? await readNames(deps, id, orgId) : [];
  if (row && order.columns.length > 2) return [String(row.test_path), String(row.title), id];
  throw new QgjobError(
    'invalid',
    'cursor: it belongs to a list in another order, or its test is gone; begin anew',
  );
}

const readNames = (deps: Deps, id: string, orgId: string) =>
  deps.sql.read('SELECT test_path, title FROM tests WHERE id = ? AND org_id = ?', [id, orgId]);

function conditionsOf({ kind = 'test', q, target, repository_id: repository }: TestFilters) {
  const given: (readonly [sql: string, ...values: Value[]])[] = [
    [kind === 'file' ? "t.title = ''" : 't.is_leaf = 1'],
    ...(target === undefined ? [] : [['t.target = ?', target] as const]),
    ...(repository === undefined ? [] : [['t.repository_id = ?', repository] as const]),
    ...(q === undefined ? [] : [[containsSql, q, q] as const]),
  ];
  return { when: given.map(([sql]) => sql).join(' AND '), values: given.flatMap(([, ...values]) => values) };
}

const containsSql = '(instr(lower(t.test_path), lower(?)) > 0 OR instr(lower(t.title), lower(?)) > 0)';
