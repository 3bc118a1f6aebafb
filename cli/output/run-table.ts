import { oneLine } from '../../protocol/clean-text.ts';
import type { Run } from '../../protocol/shapes/run.ts';
import { inColour } from './colour.ts';
import { endedParts, openParts } from './counts.ts';
import { atSecond } from './job-table.ts';
import { formatTable, leastWidth } from './table.ts';

/** The jobs of a run in words, what did not pass and what goes on included. */
const jobsOf = ({ counts }: Run): string => [...endedParts(counts), ...openParts(counts)].join(', ');

const title = ['RUN', 'STATUS', 'APP VERSION', 'ORG', 'SUBMITTED', 'JOBS'];
const [statusColumn, appColumn, orgColumn, jobsColumn] = [1, 2, 3, 5];

const rowOf = (run: Run): string[] => [
  run.run_id,
  run.status,
  oneLine(run.app_version_id),
  run.org_id,
  atSecond(run.submitted_at),
  jobsOf(run),
];

/** Runs as a table that fits into `width` columns; where that is too narrow, the org and the instant are left out. */
export function runTable(runs: readonly Run[], width: number | undefined): string[] {
  if (runs.length === 0) return [];
  const rows = [title, ...runs.map(rowOf)];
  const isTooWide = width !== undefined && leastWidth(rows, [appColumn, orgColumn, jobsColumn]) > width;
  if (!isTooWide)
    return formatTable(rows, { width, cuttable: [jobsColumn, appColumn, orgColumn], dress: dressStatus });
  const short = rows.map(([run = '', status = '', app = '', , , jobs = '']) => [run, status, app, jobs]);
  return formatTable(short, { width, cuttable: [3, appColumn], dress: dressStatus });
}

const dressStatus = (cell: string, row: number, column: number): string =>
  row > 0 && column === statusColumn ? inColour(cell.trim(), cell) : cell;
