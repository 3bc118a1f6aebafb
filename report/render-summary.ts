import type { Evidence } from '../protocol/evidence.ts';
import { factsOf } from './facts-of.ts';
import { failureBlocks } from './failures.ts';
import { jobTable } from './job-table.ts';
import { escapeMarkdown, link } from './markdown.ts';
import type { RunRecord } from './run-record.ts';
import { timeChart } from './time-chart.ts';

export interface SummaryInput {
  readonly record: RunRecord;
  /** Why the step fails; undefined when it does not. */
  readonly failure: string | undefined;
  /** False: the step did not wait for a verdict. */
  readonly waited: boolean;
  readonly evidence?: Evidence | undefined;
}

/** What all summaries of a step may have together, in bytes: the runner refuses 1 MiB. */
export const stepBytes = 900 * 1024;
// The table leaves room for messages: people need both.
const tablePart = 5 / 9;

/** The job summary: the result, a row for each job, and the messages of what failed. At most `maxBytes`, 900 KiB. */
export function renderSummary(
  { record, failure, waited, evidence }: SummaryInput,
  maxBytes = stepBytes,
): string {
  const head = [titleOf(record, failure, waited), ...factsOf(record), ''].join('\n\n');
  const table = fitBlocks(
    jobTable([...record.jobs, ...(record.earlier ?? [])], record.run.run_id),
    maxBytes * tablePart,
    (count) => `\n${count} more jobs are not shown.`,
  );
  const chart = timeChart(record)
    .map((text) => `${text}\n`)
    .join('');
  const room = maxBytes - [head, table, chart].reduce((sum, text) => sum + bytesOf(text), 200);
  const failures = fitBlocks(
    failureBlocks(record.jobs, evidence),
    room,
    (count) =>
      `The messages of ${count} more jobs are left out; ${link('the run', record.run.url)} has them.`,
  );
  return `${head}${table}\n${failures}${chart}`;
}

function titleOf({ run, jobs }: RunRecord, failure: string | undefined, waited: boolean): string {
  if (failure !== undefined) return `### qgjob: ${escapeMarkdown(failure, 600)}`;
  const known = jobs.filter((job) => job.known_failure === true).length;
  if (run.reason === 'known_failures' && known > 0)
    return `### qgjob: no new failure; ${known} of ${jobs.length} jobs failed as on the base branch`;
  const failed = jobs.filter((job) => job.status === 'failed').length;
  if (run.reason === 'quarantined' && failed > 0)
    return `### qgjob: passed; ${failed} of ${jobs.length} jobs failed, in quarantine`;
  return waited ? '### qgjob: every test passed' : '### qgjob: submitted, not waited for';
}

const bytesOf = (text: string): number => Buffer.byteLength(text) + 1;

/**
 * The first blocks that fit into `maxBytes`, each with a line end; none is cut, so rows and tags stay whole.
 * Where some are left out, a last line says how many; the caller leaves room for it.
 */
export function fitBlocks(
  blocks: readonly string[],
  maxBytes: number,
  leftOut: (count: number) => string,
): string {
  let used = 0;
  const fits = blocks.findIndex((block) => {
    used += bytesOf(block);
    return used > maxBytes;
  });
  const kept = fits === -1 ? blocks : blocks.slice(0, fits);
  const rest = blocks.length - kept.length;
  return [...kept, ...(rest > 0 ? [leftOut(rest)] : [])].map((block) => `${block}\n`).join('');
}
