import type { Job } from '../../../../protocol/shapes/job.ts';
import { addressOf, useView } from '../../frame/view.ts';
import { LogLines, marked } from '../../log/log-lines.tsx';
import { mostMatches } from '../../log/search-log.ts';
import { Empty } from '../../parts/empty.tsx';
import { Link } from '../../parts/link.tsx';
import type { ShownLog } from './read-log.ts';

interface LogCardProps {
  readonly job: Job;
  readonly attempt: number;
  readonly log: ShownLog;
}

/** The log of an attempt: one part of it, which grows where it is the last one of an attempt that runs. */
export function LogCard({ job, attempt, log }: LogCardProps) {
  const to = `/jobs/${job.job_id}`;
  const { window, wanted, found } = log;
  return (
    <section class="card" id="log">
      <div class="card-head">
        <h2>
          Log <span class="faint">of attempt {attempt}</span>
        </h2>
        <Search to={to} attempt={attempt} wanted={wanted} />
      </div>
      {found && wanted !== undefined && <Found to={to} attempt={attempt} wanted={wanted} found={found} />}
      <Places to={to} attempt={attempt} window={window} />
      {window.lines.length === 0 && !log.follows ? (
        <Empty>
          {window.size === 0 ? 'The attempt has printed nothing.' : 'There is nothing behind this place.'}
        </Empty>
      ) : (
        <Lines job={job} attempt={attempt} log={log} />
      )}
    </section>
  );
}

/** The box is no part that is exchanged with the page: its script adds what comes. */
function Lines({ job, attempt, log: { window, wanted, follows } }: LogCardProps) {
  const view = useView();
  const grows = follows && {
    'data-follow': addressOf(view, `/jobs/${job.job_id}/log`, { attempt }),
    'data-next': window.next,
    'data-line': window.nextLine,
  };
  return (
    <section class="log" tabindex={0} aria-label={`Log of attempt ${attempt}`} data-log="" {...grows}>
      <LogLines lines={window.lines} wanted={wanted} query={follows ? '' : queryOf(attempt, window)} />
    </section>
  );
}

/** What leads to this part of the log again, also when more has come behind it, or another attempt. */
const queryOf = (attempt: number, { from, fromLine }: ShownLog['window']): string =>
  `?${new URLSearchParams({ attempt: String(attempt), offset: String(from), line: String(fromLine) })}`;

interface PlaceProps {
  readonly to: string;
  readonly attempt: number;
}

function Search({ to, attempt, wanted }: PlaceProps & { readonly wanted: string | undefined }) {
  const view = useView();
  return (
    <form method="get" action={`${addressOf(view, to)}#log`} class="filters">
      {view.orgId !== undefined && <input type="hidden" name="org" value={view.orgId} />}
      <input type="hidden" name="attempt" value={String(attempt)} />
      <label class="unseen" for="q">
        Text in the log
      </label>
      <input
        id="q"
        name="q"
        type="search"
        value={wanted ?? ''}
        placeholder="search the whole log"
        size={20}
      />
      <button type="submit">Search</button>
    </form>
  );
}

interface FoundProps extends PlaceProps {
  readonly wanted: string;
  readonly found: NonNullable<ShownLog['found']>;
}

function Found({ to, attempt, wanted, found: { matches, isMore } }: FoundProps) {
  if (matches.length === 0) return <p class="more">No line has “{wanted}”.</p>;
  return (
    <div class="found">
      <p class="hint">
        {isMore
          ? `The first ${mostMatches} lines that have it`
          : `${matches.length} ${matches.length === 1 ? 'line has' : 'lines have'} it`}
      </p>
      <ul class="plain mono">
        {matches.map(({ number, text, from, fromLine }) => (
          <li>
            <Link to={to} query={{ attempt, offset: from, line: fromLine, q: wanted }} at={`L${number}`}>
              {number}
            </Link>{' '}
            {marked(text, wanted)}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface PlacesProps extends PlaceProps {
  readonly window: ShownLog['window'];
}

/** The way to the other parts of the log. */
function Places({ to, attempt, window: { from, fromLine, next, nextLine, size } }: PlacesProps) {
  const isWhole = from === 0 && next >= size;
  return (
    <div class="places">
      <span class="faint">
        {nextLine > fromLine ? `lines ${fromLine} to ${nextLine - 1}` : 'no line yet'}
        {!isWhole && `, ${kilobytes(next - from)} of ${kilobytes(size)}`}
      </span>
      {from > 0 && (
        <>
          <Link to={to} query={{ attempt, offset: 0 }} at="log">
            Beginning
          </Link>
          <Link to={to} query={{ attempt, before: from, line: fromLine }} at="log">
            Earlier
          </Link>
        </>
      )}
      {next < size && (
        <>
          <Link to={to} query={{ attempt, offset: next, line: nextLine }} at="log">
            Later
          </Link>
          <Link to={to} query={{ attempt }} at="log">
            End
          </Link>
        </>
      )}
      {size > 0 && (
        <Link to={`${to}/log.txt`} query={{ attempt }}>
          Download
        </Link>
      )}
    </div>
  );
}

const kilobytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
