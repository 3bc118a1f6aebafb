import { oneLine } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { savedWords } from '../../report/install-words.ts';
import { reasonsOf, resultOf, wordsOfReason } from '../../report/outcome-words.ts';
import { inColour } from './colour.ts';
import { endedParts, openParts, totalOf } from './counts.ts';
import { type Field, formatFields, formatTimes } from './describe-job.ts';
import { formatTable } from './table.ts';

const jobsShown = 20;

/** A run in a few lines, and its jobs as a table, those that did not pass first. */
export function describeRun(run: Run, jobs: readonly Job[], width: number | undefined): string[] {
  const rows = [...jobs].sort((a, b) => rank(a) - rank(b)).slice(0, jobsShown);
  const hidden = totalOf(run.counts) - rows.length;
  return [
    ...formatFields(run.run_id, run.status, fieldsOf(run, jobs)),
    '',
    ...formatTable(
      rows.map((job) => [resultOf(job), job.job_id, oneLine(job.test_path), job.target]),
      { width, cuttable: [2, 3], dress: (cell, _row, x) => (x === 0 ? inColour(cell.trim(), cell) : cell) },
    ),
    ...(hidden > 0 ? [`… and ${hidden} more: qgjob list --run=${run.run_id} --limit=500`] : []),
  ];
}

const fieldsOf = (run: Run, jobs: readonly Job[]): Field[] => [
  ['org', run.org_id],
  ['app', run.app_version_id],
  ['reason', (run.status === 'errored' && reasonsOf(jobs)) || oneLine(wordsOfReason(run))],
  ['jobs', `${totalOf(run.counts)}: ${[...endedParts(run.counts), ...openParts(run.counts)].join(', ')}`],
  ['installs', savedWords(run) && `${run.installs}, ${savedWords(run)}`],
  ['retry of', run.retry_of ?? undefined],
  ['submitted', formatTimes(run.submitted_at, run.finished_at)],
];

const order = [
  'failed',
  'errored',
  'cancelled',
  'flaky',
  'running',
  'scheduled',
  'waiting',
  'queued',
  'passed',
];
const rank = (job: Job): number => order.indexOf(resultOf(job));
