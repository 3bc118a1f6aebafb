import { formatDuration } from '../../../../protocol/durations.ts';
import type { Why } from '../../../../protocol/shapes/why.ts';
import type { JobRow } from '../../../queue/store/rows.ts';
import { plain } from '../../parts/plain.ts';
import { Ago } from '../../parts/time.tsx';

interface WhyWaitsProps {
  readonly job: Pick<JobRow, 'testPath' | 'target'> | undefined;
  readonly why: Why | undefined;
}

/** Why the next test of the run has not started; nothing where none waits. */
export const WhyWaits = ({ job, why }: WhyWaitsProps) => (
  <div id="why" data-live="">
    {job && why && (
      <div class="notice waits">
        <strong>{plain(job.testPath, 120)}</strong> waits for <span class="mono">{plain(job.target)}</span>
        {why.position !== null && <>: it is number {why.position} in line</>}
        {why.starts_in_ms !== null && <>, and should start {soon(why.starts_in_ms)}</>}
        {why.notes.map((note) => (
          <span class="block">{plain(note)}</span>
        ))}
        {why.blocked_by.map(({ message, until }) => (
          <span class="block">
            {plain(message)}
            {until !== null && (
              <>
                {' '}
                (<Ago at={until} />)
              </>
            )}
          </span>
        ))}
      </div>
    )}
  </div>
);

const soon = (ms: number): string => (ms < 1000 ? 'now' : `in about ${formatDuration(ms)}`);
