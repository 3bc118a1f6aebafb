import type { Job } from '../../../../protocol/shapes/job.ts';
import type { Run } from '../../../../protocol/shapes/run.ts';
import { useView } from '../../frame/view.ts';
import { Link } from '../../parts/link.tsx';
import { firstLine, plain, shortId } from '../../parts/plain.ts';
import { ActionButton } from '../../parts/post-form.tsx';
import { titleOf } from '../../parts/run-title.ts';
import { Status } from '../../parts/status.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import { Ago } from '../../parts/time.tsx';

interface DeadTableProps {
  readonly jobs: readonly Job[];
  readonly runs: ReadonlyMap<string, Run>;
  /** Names of devices, by id. */
  readonly devices: ReadonlyMap<string, string>;
  readonly mayRetry: boolean;
}

/** Jobs with the first line of what went wrong. */
export function DeadTable({ jobs, runs, devices, mayRetry }: DeadTableProps) {
  const { session, orgId } = useView();
  const seesAll = session?.principal.isOperator && orgId === undefined;
  // A run that has several of them is tried again as a whole by one button, where it comes first.
  const first = new Set([...Map.groupBy(jobs, ({ run_id: id }) => id)].flatMap(([, some]) => some[0] ?? []));
  return (
    <Table
      caption="Dead letters, newest first"
      columns={[
        ...columns,
        device(devices),
        run(runs),
        ...(seesAll ? [org] : []),
        ended,
        ...(mayRetry ? [retry(first)] : []),
      ]}
      rows={jobs}
      idOf={({ job_id: id }) => `row-${id}`}
      empty={
        <>
          <p>None: every test has passed, or was tried again.</p>
          <p class="hint">
            <Link to="/runs">All runs</Link>
          </p>
        </>
      }
    />
  );
}

const columns: readonly Column<Job>[] = [
  {
    name: 'Test',
    kind: 'main',
    cell: (job) => (
      <>
        <Link to={`/jobs/${job.job_id}`} class="strong">
          {plain(job.test_path)}
        </Link>
        <span class="faint">
          {job.error === null ? 'It left no error.' : plain(firstLine(job.error), 200)}
        </span>
      </>
    ),
  },
  { name: 'Ended as', cell: ({ status, outcome }) => <Status of={status} word={wordOf(status, outcome)} /> },
  { name: 'Target', cell: ({ target }) => plain(target, 40) },
];

const device = (names: ReadonlyMap<string, string>): Column<Job> => ({
  name: 'Device',
  cell: ({ device_id: id }) =>
    id === null ? (
      <span class="faint">–</span>
    ) : (
      <Link to={`/devices/${id}`}>{plain(names.get(id) ?? shortId(id), 40)}</Link>
    ),
});

const run = (runs: ReadonlyMap<string, Run>): Column<Job> => ({
  name: 'Run',
  cell: ({ run_id: id }) => {
    const found = runs.get(id);
    return <Link to={`/runs/${id}`}>{found ? titleOf(found) : shortId(id)}</Link>;
  },
});

const org: Column<Job> = { name: 'Org', cell: ({ org_id: id }) => id };
const ended: Column<Job> = { name: 'Ended', kind: 'num', cell: ({ finished_at: at }) => <Ago at={at} /> };

const retry = (first: ReadonlySet<Job>): Column<Job> => ({
  name: 'Try again',
  cell: (job) => (
    <div class="buttons">
      <ActionButton action={`/dead-letters/jobs/${job.job_id}/retry`} once>
        This test<span class="unseen"> again: {plain(job.test_path, 80)}</span>
      </ActionButton>
      {first.has(job) && (
        <ActionButton action={`/dead-letters/runs/${job.run_id}/retry`} once>
          All failed of the run<span class="unseen"> {shortId(job.run_id)} again</span>
        </ActionButton>
      )}
    </div>
  ),
});

/** The outcome where it says more than the status. */
const wordOf = (status: string, outcome: string | null): string =>
  outcome === null || outcome === status ? status : `${status}: ${outcome.replaceAll('_', ' ')}`;
