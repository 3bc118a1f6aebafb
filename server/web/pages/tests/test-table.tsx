import type { Test } from '../../../../protocol/shapes/test.ts';
import { Interval } from '../../parts/interval.tsx';
import { Link } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Ago, Duration } from '../../parts/time.tsx';

interface TestTableProps {
  readonly tests: readonly Test[];
  readonly isFiltered: boolean;
  readonly isFlaky: boolean;
  /** There are others that were not looked at yet. */
  readonly isMore: boolean;
}

export const TestTable = ({ tests, isFiltered, isFlaky, isMore }: TestTableProps) => (
  <Table
    caption="Tests, as they went in the last 30 days"
    columns={columns}
    rows={tests}
    idOf={({ test_id: id }) => `row-${id}`}
    empty={
      isMore ? (
        <p>None of those that were looked at so far: go on with the next page.</p>
      ) : isFlaky ? (
        <>
          <p>No test{isFiltered && ' that is like that'} was flaky in the last 30 days.</p>
          <p>
            <Link to="/tests" query={{ sort: 'name' }}>
              All tests by name
            </Link>
          </p>
        </>
      ) : isFiltered ? (
        <>
          <p>No test is like that.</p>
          <p>
            <Link to="/tests" query={{ sort: 'name' }}>
              All tests
            </Link>
          </p>
        </>
      ) : (
        <>
          <p>No test has run yet.</p>
          <p class="hint">
            Submit some: <code>qgjob submit --app-version-id v1 --test 'tests/*.spec.ts' --wait</code>
          </p>
        </>
      )
    }
  />
);

/** What a test is called: its title, else its file. */
export const nameOf = ({ title, test_path: path }: Test): string => plain(title ?? path, 200);

const columns: readonly Column<Test>[] = [
  {
    name: 'Test',
    kind: 'main',
    cell: (test) => (
      <>
        <Link to={`/tests/${test.test_id}`} class="strong">
          {nameOf(test)}
        </Link>
        {test.title !== null && <span class="faint">{plain(test.test_path)}</span>}
        <InQuarantine test={test} />
      </>
    ),
  },
  { name: 'Target', cell: ({ target }) => plain(target, 40) },
  { name: 'Flaky', cell: (test) => <Flakiness test={test} /> },
  { name: 'Jobs', kind: 'num', cell: ({ jobs }) => jobs.passed + jobs.flaky + jobs.failed },
  { name: 'Half take', kind: 'num', cell: ({ p50_ms: ms }) => <Duration ms={ms} /> },
  { name: '95 % take', kind: 'num', cell: ({ p95_ms: ms }) => <Duration ms={ms} /> },
  { name: 'Last run', kind: 'num', cell: ({ last_run_at: at }) => <Ago at={at} /> },
];

/** Until when its failures fail no run. */
export const InQuarantine = ({ test: { quarantine } }: { readonly test: Test }) =>
  quarantine && (
    <span class="tag waits">
      in quarantine, ends <Ago at={quarantine.ends_at} />: {plain(quarantine.owner, 60)}
    </span>
  );

export const Flakiness = ({ test: { flakiness } }: { readonly test: Test }) =>
  flakiness ? <Interval {...flakiness} /> : <span class="faint">not known</span>;
