import type { Attempt, Job } from '../../../../protocol/shapes/job.ts';
import { Card } from '../../parts/card.tsx';
import { Link, OutsideLink } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { Status } from '../../parts/status.tsx';
import { Table } from '../../parts/table.tsx';
import { Ago, Duration } from '../../parts/time.tsx';

interface AttemptsProps {
  readonly job: Job;
  readonly attempts: readonly Attempt[];
  /** The one whose log and files are shown. */
  readonly attempt: number;
  /** Names by the ids of devices. */
  readonly devices: ReadonlyMap<string, string>;
}

/** Each attempt: where, how long, what it came to. */
export const Attempts = ({ job, attempts, attempt, devices }: AttemptsProps) => (
  <Card title="Attempts" id="attempts">
    <Table
      caption="Attempts"
      rows={attempts}
      idOf={(one) => `attempt-${one.attempt}`}
      columns={[
        {
          name: 'Attempt',
          kind: 'main',
          cell: (one) => (
            <>
              <Link
                to={`/jobs/${job.job_id}`}
                query={{ attempt: one.attempt }}
                class="strong"
                {...(one.attempt === attempt && { 'aria-current': 'page' })}
              >
                Attempt {one.attempt}
              </Link>
              {one.attempt === attempt && <span class="faint">shown below</span>}
            </>
          ),
        },
        { name: 'Verdict', cell: (one) => <Status of={lookOf(one)} word={wordOf(one)} /> },
        { name: 'Device', cell: (one) => plain(devices.get(one.device_id) ?? 'a device that is gone', 60) },
        { name: 'What', cell: (one) => <What attempt={one} /> },
        { name: 'Took', kind: 'num', cell: (one) => <Duration ms={one.duration_ms} /> },
        { name: 'Began', kind: 'num', cell: (one) => <Ago at={one.started_at} /> },
      ]}
      empty="No device has begun it yet."
    />
  </Card>
);

const lookOf = ({ verdict }: Attempt): string => (verdict === 'error' ? 'errored' : (verdict ?? 'running'));
const wordOf = ({ verdict, error_class: kind }: Attempt): string =>
  verdict === 'error' && kind !== null ? kind.replaceAll('_', ' ') : (verdict ?? 'running');

function What({
  attempt: { report, retried_tests: retried, error, provider },
}: {
  readonly attempt: Attempt;
}) {
  return (
    <>
      {report && `${report.failed} of ${report.total} tests failed`}
      {retried !== null && <span class="faint"> (ran {retried} again)</span>}
      {error !== null && <span class="faint sub">{plain(error, 120)}</span>}
      {provider && (
        <>
          {' '}
          <OutsideLink href={provider.url}>session</OutsideLink>
        </>
      )}
    </>
  );
}
