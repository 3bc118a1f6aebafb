import { oneLine } from '../../protocol/clean-text.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { resultOf } from '../../report/outcome-words.ts';
import { inColour } from './colour.ts';
import { formatTable, leastWidth } from './table.ts';

/** A column of a table of jobs. */
export interface Column {
  readonly title: string;
  readonly of: (job: Job) => string;
  /** May be cut where the terminal is narrow; `first`: before the others. */
  readonly isCuttable?: true | 'first';
  /** Its words are statuses. */
  readonly isColoured?: true;
  /** Left out where the terminal is too narrow even after cutting, the lowest number first. */
  readonly leaves?: number;
}

export const jobColumn: Column = { title: 'JOB', of: (job) => job.job_id };

/** The columns that all tables of jobs have. */
export const subjectColumns: readonly Column[] = [
  { title: 'TEST', of: (job) => job.test_path, isCuttable: true },
  { title: 'TARGET', of: (job) => job.target, isCuttable: true, leaves: 4 },
  { title: 'ORG', of: (job) => job.org_id, isCuttable: true, leaves: 2 },
  { title: 'APP VERSION', of: (job) => job.app_version_id, isCuttable: true, leaves: 3 },
];

const columns: readonly Column[] = [
  jobColumn,
  { title: 'STATUS', of: resultOf, isColoured: true },
  ...subjectColumns,
  { title: 'SUBMITTED', of: (job) => atSecond(job.submitted_at), leaves: 1 },
];

/** `2026-11-24 10:15:03`. */
export const atSecond = (instant: string): string => instant.slice(0, 19).replace('T', ' ');

/** Jobs as a table that fits into `width` columns; undefined: as wide as it is. */
export const jobTable = (jobs: readonly Job[], width: number | undefined): string[] =>
  tableOf(columns, jobs, width);

/** The same with these columns. */
export function tableOf(
  columns: readonly Column[],
  jobs: readonly Job[],
  width: number | undefined,
): string[] {
  if (jobs.length === 0) return [];
  const rowsOf = (shown: readonly Column[]) => [
    shown.map(({ title }) => title),
    ...jobs.map((job) => shown.map((column) => oneLine(column.of(job)))),
  ];
  const cuttableOf = (shown: readonly Column[]) =>
    [...shown.keys()]
      .filter((x) => shown[x]?.isCuttable)
      .sort((a, b) => Number(shown[b]?.isCuttable === 'first') - Number(shown[a]?.isCuttable === 'first'));
  let shown = [...columns];
  for (let leaves = 1; leaves <= 4 && width !== undefined; leaves += 1) {
    if (leastWidth(rowsOf(shown), cuttableOf(shown)) <= width) break;
    shown = shown.filter((column) => column.leaves !== leaves);
  }
  return formatTable(rowsOf(shown), {
    width,
    cuttable: cuttableOf(shown),
    dress: (cell, row, x) => (row > 0 && shown[x]?.isColoured ? inColour(cell.trim(), cell) : cell),
  });
}
