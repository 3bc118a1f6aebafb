import { formatDuration } from '../../../../protocol/durations.ts';
import type { Run } from '../../../../protocol/shapes/run.ts';
import type { Changed, Comparison } from '../../../queue/runs/index.ts';
import { toInstant } from '../../../queue/store/to-wire.ts';
import { Card } from '../../parts/card.tsx';
import { Link } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { Ago } from '../../parts/time.tsx';

const shown = 10;

interface ComparedProps {
  readonly run: Run;
  readonly compared: Comparison | undefined;
}

/** What is other than in the run before on the same branch; nothing where there is none. */
export function Compared({ run, compared }: ComparedProps) {
  if (!compared) return null;
  const { earlier, newlyRed, fixed } = compared;
  return (
    <Card
      title="Since the last run of its branch or pull request"
      id="compared"
      aside={
        <Link to={`/runs/${earlier.id}`}>
          {earlier.status}, <Ago at={toInstant(earlier.submittedAt)} />
        </Link>
      }
    >
      <div class="card-body compared">
        <List title="Newly red" tests={newlyRed} none="Nothing that passed then is red now." />
        <List title="Fixed" tests={fixed} none="Nothing that was red then has passed." />
        <div>
          <h3>Time</h3>
          <p>{timeWords(run, earlier)}</p>
        </div>
      </div>
    </Card>
  );
}

interface ListProps {
  readonly title: string;
  readonly tests: readonly Changed[];
  readonly none: string;
}

const List = ({ title, tests, none }: ListProps) => (
  <div>
    <h3>
      {title} <span class="faint">{tests.length}</span>
    </h3>
    {tests.length === 0 && <p class="hint">{none}</p>}
    <ul class="plain">
      {tests.slice(0, shown).map(({ jobId, testPath, target }) => (
        <li>
          <Link to={`/jobs/${jobId}`}>{plain(testPath, 120)}</Link> <span class="faint">{plain(target)}</span>
        </li>
      ))}
      {tests.length > shown && <li class="faint">and {tests.length - shown} more</li>}
    </ul>
  </div>
);

function timeWords(run: Run, { submittedAt, finishedAt }: Comparison['earlier']): string {
  const then = finishedAt === null ? undefined : finishedAt - submittedAt;
  const now =
    run.finished_at === null ? undefined : Date.parse(run.finished_at) - Date.parse(run.submitted_at);
  if (then === undefined) return '–';
  if (now === undefined) return `it took ${formatDuration(then)} then`;
  const change = now - then;
  if (Math.abs(change) < 0.1 * then) return `${formatDuration(now)}, about as then (${formatDuration(then)})`;
  return `${formatDuration(now)}, ${formatDuration(Math.abs(change))} ${change > 0 ? 'slower' : 'faster'} than then`;
}
