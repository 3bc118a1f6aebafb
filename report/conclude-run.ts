import type { Job } from '../protocol/shapes/job.ts';
import { plural } from '../protocol/words.ts';
import { cleanLine } from './clean-lines.ts';
import { isExcused, resultOf, wordsOfOutcome } from './outcome-words.ts';
import type { RunRecord } from './run-record.ts';

const namesShown = 3;
const reasonLength = 200;

/** Why a run that is over does not count as passed, in one line; undefined where it does. Whatever is not success fails. */
export function concludeRun(record: RunRecord): string | undefined {
  const { run, jobs } = record;
  const { counts } = run;
  if (jobs.length === 0 || counts.passed + counts.failed + counts.errored + counts.cancelled === 0)
    return 'the run has no jobs, so nothing was tested';
  if (run.conclusion === 'success' && counts.passed === jobs.length) return undefined;
  if (isExcusedAlone(record)) return undefined;
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

/**
 * The only green with failed jobs: the run says so, something passed (in an earlier attempt, it may be), and each failure is
 * known on the base branch or in quarantine.
 */
function isExcusedAlone({ run, jobs }: RunRecord): boolean {
  const failed = jobs.filter((job) => job.status === 'failed');
  const passed = jobs.filter((job) => job.status === 'passed');
  return (
    run.conclusion === 'success' &&
    passed.length + run.passed_before > 0 &&
    passed.length + failed.length === jobs.length &&
    ((run.reason === 'known_failures' && failed.every((job) => job.known_failure === true)) ||
      (run.reason === 'quarantined' && failed.every(isExcused)))
  );
}

/** `; max-failures: 3 others did not run`. */
function stoppedBy({ run: { reason, counts } }: RunRecord): string {
  if (reason !== 'max_failures') return '';
  return `; max-failures: ${plural(counts.cancelled, 'other')} did not run`;
}

const of = ({ jobs }: RunRecord, count: number): string => `${count} of ${plural(jobs.length, 'job')}`;

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
