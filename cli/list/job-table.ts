import type { Job } from '../../protocol/shapes/job.ts';
import { oneLine } from '../output/clean-text.ts';
import { inColour, wordOf } from '../output/colour.ts';
import { formatTable, leastWidth } from '../output/table.ts';

interface Column {
  readonly title: string;
  readonly of: (job: Job) => string;
  /** May be cut where the terminal is narrow. */
  readonly isCuttable?: true;
  /** Left out where the terminal is too narrow all the same, the lowest first. */
  readonly leaves?: number;
}

const columns: readonly Column[] = [
  { title: 'JOB', of: (job) => job.job_id },
  { title: 'STATUS', of: wordOf },
  { title: 'TEST', of: (job) => job.test_path, isCuttable: true },
  { title: 'TARGET', of: (job) => job.target, isCuttable: true, leaves: 4 },
  { title: 'ORG', of: (job) => job.org_id, isCuttable: true, leaves: 2 },
  { title: 'APP VERSION', of: (job) => job.app_version_id, isCuttable: true, leaves: 3 },
  { title: 'SUBMITTED', of: (job) => job.submitted_at.slice(0, 19).replace('T', ' '), leaves: 1 },
];

/** Jobs as a table that fits into `width` columns; undefined: as wide as it is. */
export function jobTable(jobs: readonly Job[], width: number | undefined): string[] {
  if (jobs.length === 0) return [];
  const rowsOf = (shown: readonly Column[]) => [
    shown.map(({ title }) => title),
    ...jobs.map((job) => shown.map((column) => oneLine(column.of(job)))),
  ];
  const cuttableOf = (shown: readonly Column[]) => shown.flatMap((one, x) => (one.isCuttable ? [x] : []));
  let shown = [...columns];
  for (let leaves = 1; leaves <= 4 && width !== undefined; leaves += 1) {
    if (leastWidth(rowsOf(shown), cuttableOf(shown)) <= width) break;
    shown = shown.filter((column) => column.leaves !== leaves);
  }
  return formatTable(rowsOf(shown), {
    width,
    cuttable: cuttableOf(shown),
    dress: (cell, row, x) => (row > 0 && shown[x]?.title === 'STATUS' ? inColour(cell.trim(), cell) : cell),
  });
}
