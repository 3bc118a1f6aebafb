import type { Run } from '../../../protocol/shapes/run.ts';
import { useView } from '../frame/view.ts';
import { Counts } from './counts.tsx';
import { Link } from './link.tsx';
import { plain, shortId } from './plain.ts';
import { titleOf } from './run-title.ts';
import { Status } from './status.tsx';
import { type Column, Table } from './table.tsx';
import { Ago, Duration } from './time.tsx';

const first: readonly Column<Run>[] = [
  {
    name: 'Run',
    kind: 'main',
    cell: (run) => (
      <>
        <Link to={`/runs/${run.run_id}`} class="strong">
          {titleOf(run)}
        </Link>
        <span class="faint">
          <span class="mono">{shortId(run.run_id)}</span>
          {whatOf(run)}
        </span>
      </>
    ),
  },
  { name: 'Status', cell: ({ status }) => <Status of={status} /> },
  { name: 'Tests', cell: ({ counts }) => <Counts counts={counts} /> },
];

const org: Column<Run> = { name: 'Org', cell: (run) => run.org_id };

const last: readonly Column<Run>[] = [
  { name: 'App', cell: (run) => <span class="mono">{plain(run.app_version_id, 24)}</span> },
  { name: 'Took', kind: 'num', cell: (run) => <Duration ms={tookOf(run)} /> },
  { name: 'Submitted', kind: 'num', cell: (run) => <Ago at={run.submitted_at} /> },
];

/** Runs, newest first. */
export function RunTable({ runs }: { readonly runs: readonly Run[] }) {
  const { session, orgId } = useView();
  const seesAll = session?.principal.isOperator && orgId === undefined;
  return (
    <Table
      caption="Runs, newest first"
      columns={[...first, ...(seesAll ? [org] : []), ...last]}
      rows={runs}
      idOf={(run) => `row-${run.run_id}`}
      empty={
        <>
          <p>No run yet.</p>
          <p class="hint">
            Submit one: <code>qgjob submit --app-version-id v1 --test 'tests/*.spec.ts' --wait</code>
          </p>
        </>
      }
    />
  );
}

const tookOf = ({ started_at: from, finished_at: to }: Run): number | undefined =>
  from && to ? Date.parse(to) - Date.parse(from) : undefined;

/** Behind the id: the commit, or the run that it retries. */
const whatOf = ({ github, retry_of: retryOf }: Run): string =>
  github ? ` · ${github.sha.slice(0, 7)}` : retryOf === null ? '' : ` · retry of ${shortId(retryOf)}`;
