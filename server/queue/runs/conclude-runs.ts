import type { Conclusion, FinalJobStatus, Outcome, RunReason } from '../../../protocol/states.ts';
import { quoteList } from '../../db/sql-list.ts';
import type { Statement } from '../../db/statement.ts';
import { freshTransitions } from '../store/counters.ts';

interface Ending {
  /** A condition on the columns of `runs`. */
  readonly when: string;
  readonly status: FinalJobStatus;
  readonly conclusion: Conclusion;
  /** An SQL expression; absent: null. */
  readonly reason?: string;
}

/** The reason of an errored run: the first row with an outcome that one of its errored jobs has; else the last row. */
const erroredReasons: readonly (readonly [RunReason, ...Outcome[]])[] = [
  ['app', 'build_error', 'install_failed'],
  ['report', 'report_error'],
  ['rejected', 'rejected'],
  ['no_device', 'no_device'],
  ['device', 'expired_in_queue'],
  ['infrastructure', 'infra_error', 'timeout', 'poison'],
];

const rank = erroredReasons.map(([, ...outcomes], n) => `WHEN outcome IN ${quoteList(outcomes)} THEN ${n}`);
const last = erroredReasons.length - 1;
const erroredReason = `(SELECT CASE min(CASE ${rank.join(' ')} ELSE ${last} END)
    ${erroredReasons.map(([reason], n) => `WHEN ${n} THEN '${reason}'`).join(' ')} END
  FROM jobs WHERE run_id = runs.id AND status = 'errored')`;

/** Of a failed run: whether it was stopped by its `max_failures`. */
const stoppedReason = `iif(max_failures IS NOT NULL AND EXISTS (
    SELECT 1 FROM jobs WHERE run_id = runs.id AND outcome = 'max_failures'), 'max_failures', NULL)`;

/**
 * Some failed job of the run has a test that passed only after it had failed: in a job that passes, such a test makes it flaky.
 * SEARCH j USING INDEX jobs_run (run_id=?), a USING PRIMARY KEY (job_id=?)
 */
const hasFlakyTests = `EXISTS (SELECT 1 FROM jobs j CROSS JOIN attempts a ON a.job_id = j.id
    WHERE j.run_id = runs.id AND j.status = 'failed' AND coalesce(a.merged_report, a.report) ->> 'flaky' > 0)`;

/**
 * Every failure is excused, by `excuse` (a condition on a failed job j): the only green with failed jobs. Whatever else did not
 * pass, flaky ones where these count, and the least doubt (a reason that was set before) make it an ordinary failure.
 */
const isExcused = (excuse: string): string =>
  `failed > 0 AND passed + passed_before > 0 AND errored = 0 AND cancelled = 0
  AND reason IS NULL AND (fail_on_flaky = 0 OR (flaky = 0 AND NOT ${hasFlakyTests}))
  AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.run_id = runs.id AND j.status <> 'passed' AND NOT (${excuse}))`;

/** `fail_on: new`, and the base branch fails so too. */
const isKnown = 'runs.fail_on_new = 1 AND j.known_failure IS 1';

/** By quarantines that still hold at the end of the run, however long it took: `dropExcuses` has left no others. */
const isInQuarantine = 'j.quarantines IS NOT NULL';

/**
 * The verdict of a run whose jobs are all final: the first row that fits. A job is flaky when its test passed after it
 * had failed (server/queue/attempts/next-job-state.ts); a run with flaky jobs is green, unless its submit said
 * `fail_on_flaky`. A run is never green without a passed job.
 */
const endings: readonly Ending[] = [
  { when: `reason = 'superseded' AND cancelled > 0`, status: 'cancelled', conclusion: 'neutral' },
  { when: isExcused(isKnown), status: 'passed', conclusion: 'success', reason: `'known_failures'` },
  {
    when: isExcused(`(${isKnown}) OR ${isInQuarantine}`),
    ...{ status: 'passed', conclusion: 'success', reason: `'quarantined'` },
  },
  { when: 'failed > 0', status: 'failed', conclusion: 'failure', reason: stoppedReason },
  { when: 'errored > 0', status: 'errored', conclusion: 'failure', reason: erroredReason },
  { when: 'cancelled > 0', status: 'cancelled', conclusion: 'cancelled' },
  { when: 'flaky > 0 AND fail_on_flaky = 1', status: 'failed', conclusion: 'failure', reason: `'flaky'` },
  { when: 'passed > 0', status: 'passed', conclusion: 'success' },
  { when: 'true', status: 'errored', conclusion: 'failure' },
];

const firstThatFits = (value: (ending: Ending) => string): string =>
  `CASE ${endings.map((ending) => `WHEN ${ending.when} THEN ${value(ending)}`).join(' ')} END`;

/**
 * Ends the runs that lost their last open job in this commit. Runs after the counters of runs are right. The trigger
 * `runs_ended` then counts the run out of its org and writes the event.
 */
export const concludeRuns: Statement = {
  sql: `UPDATE runs SET finished_at = changed_at,
    status = ${firstThatFits(({ status }) => `'${status}'`)},
    conclusion = ${firstThatFits(({ conclusion }) => `'${conclusion}'`)},
    reason = coalesce(reason, ${firstThatFits(({ reason = 'NULL' }) => reason)})
  WHERE id IN (SELECT e.run_id FROM events e WHERE ${freshTransitions})
    AND finished_at IS NULL AND waiting + queued + scheduled + running = 0`,
};
