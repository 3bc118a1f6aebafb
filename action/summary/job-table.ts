import { formatDuration } from '../../protocol/durations.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { resultOf } from '../follow/run-record.ts';
import { escapeMarkdown } from './markdown.ts';

// What did not pass comes first: it is what people open the summary for, and what must survive a cut.
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
const rank = (job: Job): number => order.indexOf(resultOf(job));

/** A row for each job, those that did not pass first. The first two lines are the table's head. */
export function jobTable(jobs: readonly Job[]): string[] {
  const head = ['| Result | Test file | Target | Tests | Attempts | Duration |', '|---|---|---|--:|--:|--:|'];
  return [head.join('\n'), ...[...jobs].sort((a, b) => rank(a) - rank(b)).map(jobRow)];
}

function jobRow(job: Job): string {
  const result = job.status === 'passed' ? resultOf(job) : `**${resultOf(job)}**`;
  const took = job.duration_ms === null ? '' : formatDuration(job.duration_ms);
  const cells = [result, escapeMarkdown(job.test_path, 512), escapeMarkdown(job.target), tally(job)];
  return `| ${[...cells, job.attempt, took].join(' | ')} |`;
}

/** `3`, or `1 of 3` where not all passed; empty where the framework names no tests. */
function tally({ tests }: Job): string {
  const counted = (tests ?? []).filter((test) => test.status !== 'skipped');
  const passed = counted.filter((test) => test.status !== 'failed').length;
  if (counted.length === 0) return '';
  return passed === counted.length ? String(passed) : `${passed} of ${counted.length}`;
}
