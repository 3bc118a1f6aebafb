import { oneLine } from '../../protocol/clean-text.ts';
import type { Quarantine } from '../../protocol/shapes/quarantine.ts';
import { formatTable } from '../output/table.ts';
import { endOf, nameOf } from '../tests/test-table.ts';

const laneWords = { pull_request: 'pull-request', merge_queue: 'merge-queue' } as const;

/** `pull-request, merge-queue`. */
const lanesOf = ({ lanes }: Quarantine): string => lanes.map((lane) => laneWords[lane]).join(', ');

/** Lines that tell of one. */
export const describeQuarantine = (one: Quarantine): string[] => [
  `in quarantine until ${endOf(one)} UTC: its failures fail no run`,
  `  id          ${one.quarantine_id}`,
  `  owner       ${oneLine(one.owner)}`,
  `  reason      ${oneLine(one.reason)}`,
  `  lanes       ${lanesOf(one)}`,
];

const title = ['TEST', 'TARGET', 'OWNER', 'UNTIL', 'LANES', 'REASON'];

const row = (one: Quarantine): string[] => [
  nameOf(one),
  one.target,
  oneLine(one.owner),
  one.status === 'active' ? endOf(one) : `ended ${endOf(one)}`,
  one.lanes.length === 2 ? 'all' : lanesOf(one),
  oneLine(one.reason),
];

/** Quarantines as a table of at most `width` columns; with their ids in a pipe. */
export function quarantineTable(all: readonly Quarantine[], width: number | undefined): string[] {
  if (all.length === 0) return [];
  if (width !== undefined) return formatTable([title, ...all.map(row)], { width, cuttable: [5, 0, 2, 1] });
  return formatTable([['ID', ...title], ...all.map((one) => [one.quarantine_id, ...row(one)])]);
}
