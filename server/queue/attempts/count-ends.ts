import type { ErrorClass } from '../../../protocol/states.ts';
import type { Deps } from '../store/deps.ts';
import type { JobRow } from '../store/rows.ts';
import type { AttemptEnd } from './end-attempts.ts';
import type { Ending } from './next-job-state.ts';

/** Counts attempts that have ended, each with its job as it was after it (`endAttempts`). Only once their commit is on disk. */
export function countEnds({ meter }: Deps, ends: readonly AttemptEnd[], after: readonly JobRow[]): void {
  for (const [index, { ending, job, durationMs }] of ends.entries()) {
    const { verdict } = ending;
    meter.count('verdicts', { verdict });
    if (verdict === 'error') meter.count('attemptErrors', { class: classOf(ending) });
    else if (verdict !== 'cancelled' && durationMs !== null)
      meter.time('attempt', { target: job.target }, durationMs);
    if (after[index]?.finalizedAt === null)
      meter.count('retries', { class: verdict === 'failed' ? 'test_failed' : classOf(ending) });
  }
}

const classOf = ({ verdict, errorClass }: Ending): ErrorClass =>
  errorClass ?? (verdict === 'cancelled' ? 'interrupted' : 'infra_error');
