import type { Run } from '../../../../protocol/shapes/run.ts';
import { Link } from '../../parts/link.tsx';
import { shortId } from '../../parts/plain.ts';

export interface MadeRun {
  readonly run: Run;
  /** The form was sent twice: it is the run that the first one made. */
  readonly wasThere: boolean;
}

/** Tells of the run that tries again. */
export function Made({ made: { run, wasThere } }: { readonly made: MadeRun }) {
  const { flaky: _, ...states } = run.counts;
  const tests = Object.values(states).reduce((sum, n) => sum + n, 0);
  return (
    <p class="notice good" role="status">
      <Link to={`/runs/${run.run_id}`}>Run {shortId(run.run_id)}</Link> tries {tests}{' '}
      {tests === 1 ? 'test' : 'tests'} again{run.retry_of !== null && <> of {shortId(run.retry_of)}</>}.
      {wasThere && ' It was there already: the form was sent twice.'}
    </p>
  );
}
