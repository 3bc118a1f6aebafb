import { testKinds, testSorts } from '../../../protocol/shapes/test.ts';
import { isTarget } from '../../../protocol/targets.ts';
import { listTests } from '../../queue/ledger/index.ts';
import { addressOf, useView } from '../frame/view.ts';
import type { Page } from '../page.ts';
import { Card } from '../parts/card.tsx';
import { Filters } from '../parts/filters.tsx';
import { Pager } from '../parts/pager.tsx';
import { readChoice, readCursor } from '../read-query.ts';
import { chooseOrg } from './tests/choose-org.tsx';
import { TestTable } from './tests/test-table.tsx';

const longestSearch = 200;

/** The tests of an org: how flaky and how slow each one is. */
export const testsPage: Page = {
  path: '/tests',
  scope: 'read',
  async show(deps, call) {
    const choice = await chooseOrg(deps, call);
    if (choice) return choice;
    const sort = readChoice(call, 'sort', testSorts) ?? 'flaky';
    const kind = readChoice(call, 'kind', testKinds);
    const cursor = readCursor(call, /^[\d.e-]{0,30}:tst_[0-9a-f]{32}$/);
    const q = call.query('q')?.slice(0, longestSearch);
    const given = call.query('target');
    const target = given !== undefined && isTarget(given) ? given : undefined;
    const filters = { sort, kind, q, target, cursor };
    const { tests, next_cursor: next } = await listTests(deps.queue, filters, call.viewer);
    const query = { sort, kind, q, target };
    return {
      title: 'Tests',
      section: 'tests',
      live: {},
      body: (
        <>
          <div class="page-head">
            <div>
              <h1>Tests</h1>
              <p class="hint">
                How each one went in the last 30 days. Flaky: it failed, and passed on the same source.
              </p>
            </div>
            <Filters to="/tests" name="sort" chosen={sort} choices={testSorts} query={query} />
          </div>
          <Search {...query} />
          <Card title={titles[sort]} id="tests">
            <TestTable
              tests={tests}
              isFiltered={q !== undefined || target !== undefined}
              isFlaky={sort === 'flaky'}
              isMore={next !== null}
            />
            <Pager to="/tests" query={query} cursor={cursor} next={next} />
          </Card>
        </>
      ),
    };
  },
};

const titles = {
  flaky: 'Surely flaky first',
  slow: 'The slowest first',
  name: 'By name',
} as const;

type SearchProps = Readonly<Record<'sort' | 'kind' | 'q' | 'target', string | undefined>>;

function Search({ sort, kind, q, target }: SearchProps) {
  const view = useView();
  return (
    <search>
      <form
        method="get"
        action={addressOf({ ...view, orgId: undefined }, '/tests')}
        class="filters filters-row"
      >
        {view.orgId !== undefined && <input type="hidden" name="org" value={view.orgId} />}
        <input type="hidden" name="sort" value={sort} />
        <label for="q" class="unseen">
          Path or title
        </label>
        <input
          id="q"
          name="q"
          type="search"
          value={q ?? ''}
          placeholder="Path or title"
          maxlength={longestSearch}
        />
        <label for="target" class="unseen">
          Target
        </label>
        <input
          id="target"
          name="target"
          value={target ?? ''}
          placeholder="Target"
          size={14}
          autocomplete="off"
        />
        <label>
          <input type="checkbox" name="kind" value="file" checked={kind === 'file'} /> files alone
        </label>
        <button type="submit">Search</button>
      </form>
    </search>
  );
}
