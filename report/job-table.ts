import { formatDuration } from '../protocol/durations.ts';
import type { Job } from '../protocol/shapes/job.ts';
import { escapeMarkdown } from './markdown.ts';
import { isExcused, knownWords, resultOf } from './outcome-words.ts';
import { tallyOf } from './tally.ts';

// First what did not pass: people look for it, and it must not be cut off.
const order = [
  'failed',
  'errored',
  'cancelled',
  'running',
  'scheduled',
  'queued',
  'waiting',
  'flaky',
  'passed',
];
/** New failures before those that are known or in quarantine. */
const rank = (job: Job): number => order.indexOf(resultOf(job)) + (isExcused(job) ? 0.5 : 0);

/** A row for each job of the run and of earlier attempts, those that did not pass first. The first two lines are the table's head. */
export function jobTable(jobs: readonly Job[], runId: string): string[] {
  const head = ['| Result | Test file | Target | Tests | Attempts | Duration |', '|---|---|---|--:|--:|--:|'];
  return [head.join('\n'), ...[...jobs].sort((a, b) => rank(a) - rank(b)).map((job) => jobRow(job, runId))];
}

function jobRow(job: Job, runId: string): string {
  const before = job.run_id === runId ? '' : ' (in an earlier attempt)';
  const result =
    job.status === 'passed' ? `${resultOf(job)}${before}` : `**${resultOf(job)}**${knownSuffix(job)}`;
  const took = job.duration_ms === null ? '' : formatDuration(job.duration_ms);
  const cells = [result, escapeMarkdown(job.test_path, 512), escapeMarkdown(job.target), tally(job)];
  return `| ${[...cells, job.attempt, took].join(' | ')} |`;
}

/** ` (quarantined)`; ` (known)`, ` (new)`: compared with the base branch. */
const knownSuffix = (job: Job): string => (knownWords(job) === '' ? '' : ` (${knownWords(job)})`);

/** `3`, `1 of 3` where not all passed, `3 (1 flaky)`; '' where no tests are named. Skipped tests do not count. */
function tally(job: Job): string {
  const { total, skipped, failed, flaky } = tallyOf(job) ?? { total: 0, skipped: 0, failed: 0, flaky: 0 };
  const counted = total - skipped;
  if (counted <= 0) return '';
  const passed = failed === 0 ? String(counted) : `${counted - failed} of ${counted}`;
  return flaky > 0 ? `${passed} (${flaky} flaky)` : passed;
}
