import type { Job } from '../../../../protocol/shapes/job.ts';
import { isFinal } from '../../../../protocol/states.ts';
import { knownWords, quarantineWords, resultOf, wordsOfOutcome } from '../../../../report/outcome-words.ts';
import { Link, OutsideLink } from '../../parts/link.tsx';
import { plain, shortId } from '../../parts/plain.ts';
import { ActionButton } from '../../parts/post-form.tsx';
import { Status } from '../../parts/status.tsx';
import { Ago, Duration } from '../../parts/time.tsx';

interface JobHeadProps {
  readonly job: Job;
  readonly mayChange: boolean;
}

/** What the job is, how it ended, and what can be done with it. */
export function JobHead({ job, mayChange }: JobHeadProps) {
  const known = knownWords(job);
  return (
    <div id="head" data-live="">
      <div class="page-head">
        <div>
          <p class="crumbs">
            <Link to="/runs">Runs</Link> /{' '}
            <Link to={`/runs/${job.run_id}`} class="mono">
              {shortId(job.run_id)}
            </Link>{' '}
            / <span class="mono">{job.job_id}</span>
          </p>
          <h1>
            <Status of={resultOf(job)} /> {plain(job.test_path)}{' '}
            {job.status === 'failed' && known !== '' && (
              <span class={known === 'new' ? 'tag bad' : 'tag'}>{known}</span>
            )}
          </h1>
          <Facts job={job} />
        </div>
        {mayChange && <Buttons job={job} />}
      </div>
      {job.error !== null && !['passed'].includes(job.status) && (
        <div class="notice bad">
          {job.status === 'errored' && <strong>{capital(wordsOfOutcome(job))}. </strong>}
          <span class="pre">{cut(job.error)}</span>
        </div>
      )}
    </div>
  );
}

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
const cut = (text: string): string => plain(text, 1000);

const Facts = ({ job }: { readonly job: Job }) => (
  <p class="facts">
    <span>
      on <span class="mono">{plain(job.target)}</span>
    </span>
    {job.framework !== null && <span>by {job.framework}</span>}
    <span>
      app <span class="mono">{plain(job.app_version_id, 40)}</span>
    </span>
    <span>
      submitted <Ago at={job.submitted_at} />
    </span>
    {job.duration_ms !== null && (
      <span>
        took <Duration ms={job.duration_ms} />
      </span>
    )}
    {job.provider && (
      <OutsideLink href={job.provider.url}>session at {plain(job.provider.name, 40)}</OutsideLink>
    )}
    {quarantineWords(job) !== '' && <span>in quarantine: {plain(quarantineWords(job), 300)}</span>}
    {job.known_run_id !== null && (
      <Link to={`/runs/${job.known_run_id}`}>the base branch's run it was compared with</Link>
    )}
  </p>
);

function Buttons({ job: { job_id: id, status } }: { readonly job: Job }) {
  return (
    <div class="buttons">
      {isFinal(status) ? (
        <ActionButton action={`/jobs/${id}/retry`} once>
          Run again
        </ActionButton>
      ) : (
        <ActionButton action={`/jobs/${id}/cancel`} danger confirm="Cancel this test?">
          Cancel
        </ActionButton>
      )}
    </div>
  );
}
