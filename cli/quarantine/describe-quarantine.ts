import { oneLine } from '../../protocol/clean-text.ts';
import { huntWords } from '../../protocol/hunt-words.ts';
import { adviceOf } from '../../protocol/quarantine-advice.ts';
import type { Quarantine, QuarantineHunt } from '../../protocol/shapes/quarantine.ts';
import { atSecond } from '../output/job-table.ts';
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
  ...huntLines(one),
];

/** What the server found by itself. */
function huntLines(one: Quarantine): string[] {
  const { hunt, hunting_run_id: open } = one;
  return [
    ...(hunt
      ? [
          `  hunted      ${adviceOf(one) ?? huntWords(hunt)}`,
          `              ${atSecond(hunt.ended_at)}, ${[hunt.run_id, ...codeOf(hunt)].join(', ')}`,
        ]
      : []),
    ...(open ? [`  is hunted   ${open}`] : []),
  ];
}

/** The branch and the commit that it ran, as far as they are known. */
const codeOf = ({ branch, commit }: QuarantineHunt): string[] => [
  ...(branch === null ? [] : [oneLine(branch)]),
  ...(commit === null ? [] : [commit.slice(0, 7)]),
];

/** `0 of 20`, with what else was to be executed; or where it is hunted for the first time `now`. */
const huntedOf = ({ hunt, hunting_run_id: open }: Quarantine): string =>
  hunt ? [`${hunt.failed} of ${hunt.observed} failed`, ...unknownOf(hunt)].join(', ') : open ? 'now' : '-';

const unknownOf = ({ times, observed }: QuarantineHunt): string[] =>
  times > observed ? [`${times - observed} without a verdict`] : [];

const title = ['TEST', 'TARGET', 'OWNER', 'UNTIL', 'LANES', 'HUNTED', 'REASON'];

const row = (one: Quarantine): string[] => [
  nameOf(one),
  one.target,
  oneLine(one.owner),
  one.status === 'active' ? endOf(one) : `ended ${endOf(one)}`,
  one.lanes.length === 2 ? 'all' : lanesOf(one),
  huntedOf(one),
  oneLine(one.reason),
];

/** Quarantines as a table of at most `width` columns; with their ids in a pipe. */
export function quarantineTable(all: readonly Quarantine[], width: number | undefined): string[] {
  if (all.length === 0) return [];
  if (width !== undefined) return formatTable([title, ...all.map(row)], { width, cuttable: [6, 0, 2, 1] });
  return formatTable([['ID', ...title], ...all.map((one) => [one.quarantine_id, ...row(one)])]);
}
