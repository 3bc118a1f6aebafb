import { cleanLine } from '../../client/clean-lines.ts';
import { resultOf, wordsOfOutcome } from '../../client/outcome-words.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Followed } from './follow-run.ts';
import type { RunRecord } from './run-record.ts';

const namesShown = 3;
const reasonLength = 200;

/**
 * Whether the check is green: why the step fails, in one line, or undefined when every test passed. Whatever is not
 * success fails. `waitedMs` is the time after which the wait ended.
 */
export function concludeCheck(followed: Followed, waitedMs: number | undefined): string | undefined {
  const { ending, record, error } = followed;
  const { run } = record;
  if (ending === 'stopped') return `the workflow was cancelled while run ${run.run_id} was ${run.status}`;
  if (ending === 'lost') {
    return `run ${run.run_id} (${run.url}) was lost sight of, a problem of the infrastructure: ${error?.message ?? 'no reason given'}`;
  }
  if (ending === 'timed_out') {
    return `run ${run.run_id} had no verdict within ${formatDuration(waitedMs ?? 0)}; it goes on, see ${run.url}`;
  }
  return concludeFinal(record);
}

function concludeFinal(record: RunRecord): string | undefined {
  const { run, jobs } = record;
  const { counts } = run;
  if (jobs.length === 0 || counts.passed + counts.failed + counts.errored + counts.cancelled === 0)
    return 'the run has no jobs, so nothing was tested';
  if (run.conclusion === 'success' && counts.passed === jobs.length) return undefined;
  if (isKnownAlone(record)) return undefined;
  if (run.conclusion === 'neutral') return 'the run was superseded by one of a newer commit';
  if (counts.failed > 0)
    return `${of(record, counts.failed)} failed: ${names(record, ['failed'])}${stoppedBy(record)}`;
  if (counts.errored > 0) return `${of(record, counts.errored)} had no verdict, ${whyErrored(record)}`;
  if (counts.cancelled > 0)
    return `${of(record, counts.cancelled)} cancelled: ${names(record, ['cancelled'])}`;
  if (counts.flaky > 0)
    return `${of(record, counts.flaky)} passed only after a failed attempt (fail-on-flaky): ${names(record, ['flaky'])}`;
  return `the run ended as ${run.status} (${run.conclusion})`;
}

/** The only green with failed jobs: the run says so, something passed (in an earlier attempt, it may be), and each failure is known on the base branch. */
export function isKnownAlone({ run, jobs }: RunRecord): boolean {
  const failed = jobs.filter((job) => job.status === 'failed');
  const passed = jobs.filter((job) => job.status === 'passed');
  return (
    run.conclusion === 'success' &&
    run.reason === 'known_failures' &&
    passed.length + run.passed_before > 0 &&
    passed.length + failed.length === jobs.length &&
    failed.every((job) => job.known_failure === true)
  );
}

/** `; max-failures: 3 others did not run`. */
function stoppedBy({ run: { reason, counts } }: RunRecord): string {
  if (reason !== 'max_failures') return '';
  return `; max-failures: ${counts.cancelled} ${counts.cancelled === 1 ? 'other' : 'others'} did not run`;
}

const of = ({ jobs }: RunRecord, count: number): string =>
  `${count} of ${jobs.length} ${jobs.length === 1 ? 'job' : 'jobs'}`;

/** By outcome: `the app could not be installed: a on emulator; no device offers the target: b on device`. */
function whyErrored({ jobs }: RunRecord): string {
  const errored = jobs.filter((job) => job.status === 'errored');
  const byWords = Map.groupBy(errored, wordsOfOutcome);
  return [...byWords].map(([words, group]) => `${words}: ${listed(group)}${reasonOf(group)}`).join('; ');
}

/** The error of the job, where only one has this outcome. */
function reasonOf([job, other]: readonly Job[]): string {
  const reason = other === undefined ? cleanLine(job?.error ?? '', reasonLength) : '';
  return reason === '' ? '' : ` (${reason})`;
}

const names = ({ jobs }: RunRecord, results: readonly string[]): string =>
  listed(jobs.filter((job) => results.includes(resultOf(job))));

function listed(found: readonly Job[]): string {
  const shown = found.slice(0, namesShown).map((job) => `${job.test_path} on ${job.target}`);
  const more = found.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
