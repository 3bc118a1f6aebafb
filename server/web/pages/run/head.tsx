import { huntWords } from '../../../../protocol/hunt-words.ts';
import type { Hunt } from '../../../../protocol/shapes/hunt.ts';
import type { Run } from '../../../../protocol/shapes/run.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { wordsOfReason } from '../../../../report/outcome-words.ts';
import { useView } from '../../frame/view.ts';
import { Figure } from '../../parts/card.tsx';
import { Counts } from '../../parts/counts.tsx';
import { Link } from '../../parts/link.tsx';
import { plain, shortId } from '../../parts/plain.ts';
import { ActionButton } from '../../parts/post-form.tsx';
import { titleOf } from '../../parts/run-title.ts';
import { Status } from '../../parts/status.tsx';
import { Ago, Duration } from '../../parts/time.tsx';
import { Origin } from './origin.tsx';

interface RunHeadProps {
  readonly run: Run;
  /** Cancel and retry are offered. */
  readonly mayChange: boolean;
}

/** What the run is, how it goes, where it came from, and what can be done with it. */
export function RunHead({ run, mayChange }: RunHeadProps) {
  const reason = wordsOfReason(run);
  return (
    <div id="head" data-live="">
      <div class="page-head">
        <div>
          <p class="crumbs">
            <Link to="/runs">Runs</Link> / <span class="mono">{run.run_id}</span>
          </p>
          <h1>
            <Status of={run.status} /> {titleOf(run)}
          </h1>
          {reason !== '' && <p class="hint">{reason}</p>}
          {run.hunt && <p class="hint">{wordsOfHunt(run.hunt)}</p>}
          <Origin run={run} />
        </div>
        {mayChange && <Buttons run={run} />}
      </div>
      <Figures run={run} />
    </div>
  );
}

/** A hunt is a run of one test, on idle devices. */
const wordsOfHunt = (hunt: Hunt): string =>
  `A hunt${hunt.quarantine_id === null ? '' : ' that the server began by itself, of a test in quarantine'}: ${huntWords(hunt)}`;

function Buttons({ run }: { readonly run: Run }) {
  const { run_id: id, counts, status } = run;
  if (!isFinal(status))
    return (
      <div class="buttons">
        <ActionButton
          action={`/runs/${id}/cancel`}
          danger
          confirm="Cancel the run? What has not ended will not be run; what runs is stopped."
        >
          Cancel run
        </ActionButton>
      </div>
    );
  const hasRed = counts.failed + counts.errored + counts.cancelled > 0;
  return (
    <div class="buttons">
      {hasRed && (
        <ActionButton action={`/runs/${id}/retry`} once fields={{ only: 'failed' }}>
          Retry failed
        </ActionButton>
      )}
      <ActionButton action={`/runs/${id}/retry`} once fields={{ only: 'all' }}>
        Run all again
      </ActionButton>
    </div>
  );
}

function Figures({ run }: { readonly run: Run }) {
  const { now } = useView();
  const { counts } = run;
  const total = Object.entries(counts).reduce((sum, [name, n]) => (name === 'flaky' ? sum : sum + n), 0);
  const end = run.finished_at === null ? now : Date.parse(run.finished_at);
  const began = run.started_at === null ? undefined : Date.parse(run.started_at);
  const submitted = Date.parse(run.submitted_at);
  return (
    <div class="figures">
      <Figure name="Tests" hint={<Counts counts={counts} />}>
        {total}
      </Figure>
      <Figure
        name="Took"
        hint={
          run.finished_at === null ? (
            'so far'
          ) : (
            <>
              ended <Ago at={run.finished_at} />
            </>
          )
        }
      >
        <Duration ms={Math.max(0, end - submitted)} />
      </Figure>
      <Figure
        name="Waited for a device"
        hint={
          <>
            submitted <Ago at={run.submitted_at} />
          </>
        }
      >
        <Duration ms={Math.max(0, (began ?? end) - submitted)} />
      </Figure>
      <Figure name="Installs" hint={`${run.installs_saved} saved`}>
        {run.installs}
      </Figure>
      <Figure name="App" hint={`org ${run.org_id}`}>
        <span class="mono small">{plain(run.app_version_id, 24)}</span>
      </Figure>
      {run.retry_of !== null && (
        <Figure name="Retry of">
          <Link to={`/runs/${run.retry_of}`} class="mono small">
            {shortId(run.retry_of)}
          </Link>
        </Figure>
      )}
    </div>
  );
}
