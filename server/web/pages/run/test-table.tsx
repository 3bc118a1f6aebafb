import type { JobStatus, Outcome } from '../../../../protocol/states.ts';
import { knownWords, quarantineWords, resultOf } from '../../../../report/outcome-words.ts';
import type { RunJob } from '../../../queue/runs/index.ts';
import type { JobRow } from '../../../queue/store/rows.ts';
import { toInstantOrNull, toJob } from '../../../queue/store/to-wire.ts';
import { Link } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago, Duration } from '../../parts/time.tsx';

interface TestTableProps {
  readonly jobs: readonly RunJob[];
  readonly isFiltered: boolean;
}

/** A row a test. */
export const TestTable = ({ jobs, isFiltered }: TestTableProps) => (
  <Table
    caption="Tests, those first that need somebody"
    rows={jobs}
    idOf={({ job }) => `row-${job.id}`}
    columns={[
      { name: 'Status', cell: ({ job }) => <Status of={wordOf(job)} /> },
      { name: 'Test', kind: 'main', cell: (one) => <Test {...one} /> },
      { name: 'Target', cell: ({ job }) => plain(job.target) },
      {
        name: 'Device',
        cell: ({ device }) => (device === undefined ? <span class="faint">–</span> : plain(device, 60)),
      },
      { name: 'Attempts', kind: 'num', cell: ({ job }) => job.attempt },
      { name: 'Took', kind: 'num', cell: (one) => <Took {...one} /> },
    ]}
    empty={isFiltered ? 'No test of the run is like that.' : 'The run has no test.'}
  />
);

const wordOf = (job: JobRow): string =>
  resultOf({ status: job.status as JobStatus, outcome: job.outcome as Outcome | null });

function Test({ job }: RunJob) {
  const note = noteOf(job);
  return (
    <>
      <Link to={`/jobs/${job.id}`} class="strong">
        {plain(job.testPath)}
      </Link>{' '}
      {job.status === 'failed' && <Known job={job} />}
      {note !== '' && <span class="faint">{note}</span>}
      {job.status === 'waiting' && (
        <span class="faint">
          {waitWords[job.waitReason ?? ''] ?? 'waits'}, again <Ago at={toInstantOrNull(job.runAt)} />
        </span>
      )}
    </>
  );
}

const titles: Readonly<Record<string, string>> = {
  known: 'It fails on the base branch too',
  new: 'It does not fail on the base branch',
};

/** Whether the failure is in quarantine, with its owner and end, known, or new. */
function Known({ job: row }: Pick<RunJob, 'job'>) {
  const job = toJob(row);
  const word = knownWords(job);
  return word === '' ? null : (
    <span class={word === 'new' ? 'tag bad' : 'tag'} title={titles[word] ?? plain(quarantineWords(job), 200)}>
      {word}
    </span>
  );
}

const waitWords: Readonly<Record<string, string>> = {
  delay: 'submitted with a delay',
  backoff: 'after trouble of its device or host',
  install_failed: 'the app could not be installed',
  capacity: "the provider's queue was full",
};

/** The first line of what went wrong. */
const noteOf = ({ error, status, cancelRequestedAt }: JobRow): string => {
  if (cancelRequestedAt !== null && status === 'running') return 'is being cancelled';
  return error === null || status === 'passed' ? '' : plain(error.split('\n')[0] ?? '', 160);
};

const slowFactor = 1.5;
const noticedMs = 2000;

function Took({ job, usualMs }: RunJob) {
  const ms = job.durationMs;
  const isSlow =
    ms !== null && usualMs !== undefined && ms > slowFactor * usualMs && ms - usualMs > noticedMs;
  return (
    <>
      <Duration ms={ms} />
      {isSlow && (
        <span
          class="tag waits"
          title={`Four of five runs of it take ${Math.round(usualMs / 100) / 10} s at most`}
        >
          slow
        </span>
      )}
    </>
  );
}
