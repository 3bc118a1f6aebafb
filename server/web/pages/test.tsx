import type { Test, TestDetails } from '../../../protocol/shapes/test.ts';
import { readTargets, readTest } from '../../queue/ledger/index.ts';
import { useView } from '../frame/view.ts';
import type { Page } from '../page.ts';
import { Card, Figure } from '../parts/card.tsx';
import { BarChart, Legend } from '../parts/chart.tsx';
import { Empty } from '../parts/empty.tsx';
import { Link } from '../parts/link.tsx';
import { plain, shortId } from '../parts/plain.ts';
import { Status } from '../parts/status.tsx';
import { type Column, Table } from '../parts/table.tsx';
import { Ago, Duration } from '../parts/time.tsx';
import { QuarantineCard } from './tests/quarantine-card.tsx';
import { Flakiness, nameOf } from './tests/test-table.tsx';

/** One test on one target: how it went day by day, how it goes elsewhere, its failures, its quarantine. */
export const testPage: Page = {
  path: '/tests/:id',
  scope: 'read',
  async show({ queue }, call) {
    const test = await readTest(queue, call.param('id'), call.owner);
    const targets = await readTargets(queue, test);
    return {
      title: nameOf(test),
      section: 'tests',
      live: {},
      body: (
        <>
          <div class="page-head">
            <div>
              <p class="crumbs">
                <Link to="/tests">Tests</Link> › {plain(test.test_path)}
              </p>
              <h1>{nameOf(test)}</h1>
              <p class="facts">
                <span>{plain(test.target, 60)}</span>
                {test.repository_id !== '' && <span>repository {plain(test.repository_id, 60)}</span>}
                {test.case_id !== null && <span class="mono">{plain(test.case_id, 60)}</span>}
              </p>
            </div>
          </div>
          <Head test={test} />
          <Card
            title="Day by day"
            id="days"
            aside={<Legend entries={looks.map(([name, look]) => [look, name])} />}
          >
            <Days test={test} />
          </Card>
          <QuarantineCard test={test} mayChange={call.may('admin')} now={queue.now()} />
          {targets.length > 1 && (
            <Card title="By target" id="targets">
              <Table
                caption="The same test on its targets"
                columns={targetColumns(test)}
                rows={targets}
                empty=""
              />
            </Card>
          )}
          <Card title="Its last failures" id="failures">
            <Table
              caption="The last failures, newest first"
              columns={failureColumns}
              rows={test.failures}
              empty={<p>It has not failed in the last 90 days.</p>}
            />
          </Card>
        </>
      ),
    };
  },
};

const looks = [
  ['passed', 'good'],
  ['flaky', 'doubt'],
  ['failed', 'bad'],
] as const;

const Head = ({ test }: { readonly test: Test }) => (
  <div class="figures" id="figures" data-live="">
    <Figure name="Flaky" hint="of the jobs in which it could pass, with the interval at 95 %">
      <Flakiness test={test} />
    </Figure>
    <Figure
      name="Jobs, 30 days"
      hint={`${test.jobs.passed} passed, ${test.jobs.flaky} flaky, ${test.jobs.failed} failed`}
    >
      {test.jobs.passed + test.jobs.flaky + test.jobs.failed}
    </Figure>
    <Figure
      name="It takes"
      hint={
        <>
          95 of 100 take at most <Duration ms={test.p95_ms} />
        </>
      }
    >
      <Duration ms={test.p50_ms} />
    </Figure>
    <Figure
      name="Last run"
      hint={
        <>
          last failed <Ago at={test.last_failed_at} />
        </>
      }
    >
      <Ago at={test.last_run_at} />
    </Figure>
  </div>
);

function Days({ test }: { readonly test: TestDetails }) {
  const days = daysShown(test, useView().now);
  if (test.days.length === 0) return <Empty>It has not run in the last 30 days.</Empty>;
  return (
    <div class="card-body">
      <BarChart
        label={`Jobs of this test on each of the last ${days.length} days`}
        bars={days.map((day, index) => ({
          name: index % 5 === 2 ? day.day.slice(5) : '',
          parts: looks.map(([name, look]) => ({ look, value: day[name] })),
          tip: `${day.day}: ${looks.map(([name]) => `${day[name]} ${name}`).join(', ')}`,
        }))}
      />
    </div>
  );
}

const dayMs = 86_400_000;
const windowDays = 30;

/** All days of the window, also those on which it did not run, the oldest first. */
function daysShown({ days }: TestDetails, now: number): TestDetails['days'] {
  const known = new Map(days.map((day) => [day.day, day]));
  return Array.from({ length: windowDays }, (_, n) => {
    const day = new Date(now - (windowDays - 1 - n) * dayMs).toISOString().slice(0, 10);
    return known.get(day) ?? { day, passed: 0, flaky: 0, failed: 0 };
  });
}

const targetColumns = (own: Test): readonly Column<Test>[] => [
  {
    name: 'Target',
    kind: 'main',
    cell: (test) =>
      test.test_id === own.test_id ? (
        <span class="strong">{plain(test.target)} (this one)</span>
      ) : (
        <Link to={`/tests/${test.test_id}`}>{plain(test.target)}</Link>
      ),
  },
  { name: 'Flaky', cell: (test) => <Flakiness test={test} /> },
  { name: 'Jobs', kind: 'num', cell: ({ jobs }) => jobs.passed + jobs.flaky + jobs.failed },
  { name: 'Half take', kind: 'num', cell: ({ p50_ms: ms }) => <Duration ms={ms} /> },
  { name: 'Last failed', kind: 'num', cell: ({ last_failed_at: at }) => <Ago at={at} /> },
];

const failureColumns: readonly Column<TestDetails['failures'][number]>[] = [
  {
    name: 'Job',
    kind: 'main',
    cell: ({ job_id: id }) => <Link to={`/jobs/${id}`}>{shortId(id)}</Link>,
  },
  { name: 'Was', cell: ({ flaky }) => <Status of={flaky ? 'flaky' : 'failed'} /> },
  { name: 'Run', cell: ({ run_id: id }) => <Link to={`/runs/${id}`}>{shortId(id)}</Link> },
  { name: 'Ended', kind: 'num', cell: ({ at }) => <Ago at={at} /> },
];
