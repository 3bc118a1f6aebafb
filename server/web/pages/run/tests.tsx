import type { Run } from '../../../../protocol/shapes/run.ts';
import type { RunJob, RunJobsQuery } from '../../../queue/runs/index.ts';
import { addressOf, useView } from '../../frame/view.ts';
import { Card } from '../../parts/card.tsx';
import { Link } from '../../parts/link.tsx';
import { TestTable } from './test-table.tsx';

interface TestsProps {
  readonly run: Run;
  readonly jobs: readonly RunJob[];
  readonly isMore: boolean;
  readonly show: RunJobsQuery['show'];
  readonly text: string | undefined;
  readonly offset: number;
}

const order = [
  'failed',
  'errored',
  'new',
  'known',
  'running',
  'scheduled',
  'waiting',
  'queued',
  'flaky',
  'passed',
  'cancelled',
] as const;

/** The tests of the run, those first that need somebody; a filter and a pager. */
export function Tests({ run, jobs, isMore, show, text, offset }: TestsProps) {
  const to = `/runs/${run.run_id}`;
  const query = { show, q: text };
  return (
    <Card title="Tests" id="tests" aside={<Filter run={run} show={show} text={text} />}>
      <TestTable jobs={jobs} isFiltered={show !== undefined || text !== undefined} />
      {(offset > 0 || isMore) && (
        <nav class="pager" aria-label="Pages of the tests">
          {offset > 0 && (
            <Link
              to={to}
              at="tests"
              query={{ ...query, offset: Math.max(0, offset - jobsPerPage) || undefined }}
            >
              ‹ Before
            </Link>
          )}
          <span class="faint">
            {offset + 1} to {offset + jobs.length}
          </span>
          {isMore && (
            <Link to={to} at="tests" query={{ ...query, offset: offset + jobsPerPage }}>
              More ›
            </Link>
          )}
        </nav>
      )}
    </Card>
  );
}

/** Of a run of any size. */
export const jobsPerPage = 100;

/** A form, so that it works without a script; the choice of a status sends it where scripts run. */
function Filter({ run, show, text }: Pick<TestsProps, 'run' | 'show' | 'text'>) {
  const view = useView();
  return (
    <form method="get" action={`${addressOf(view, `/runs/${run.run_id}`)}#tests`} class="filters">
      {view.orgId !== undefined && <input type="hidden" name="org" value={view.orgId} />}
      <label class="unseen" for="show">
        Status
      </label>
      <select id="show" name="show" data-submits="">
        <option value="">all</option>
        {order.map((name) => (
          <option value={name} selected={name === show}>
            {labelOf(name, run)}
          </option>
        ))}
      </select>
      <label class="unseen" for="q">
        Part of the path
      </label>
      <input id="q" name="q" type="search" value={text ?? ''} placeholder="part of the path" size={16} />
      <button type="submit">Filter</button>
    </form>
  );
}

const labelOf = (name: (typeof order)[number], { counts }: Run): string =>
  name === 'new' || name === 'known' ? `failed: ${name}` : `${name} (${counts[name]})`;
