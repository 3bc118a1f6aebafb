import { median } from '../stats.ts';
import type { PollFigures } from './measure-polls.ts';
import type { SideFigures } from './measure-side.ts';
import type { Measured, Report, TargetResult } from './report.ts';

type Cells = readonly string[];

/** One runnable process is normal: the build runs just before. */
const quietLoad = 1.5;

/** The report as text for the terminal. */
export function formatReport(report: Report): string {
  const { machine, sizes, minutes } = report;
  return [
    `qgjob bench, ${report.started_at}, ${minutes.toFixed(0)} min, medians of ${sizes.rounds} interleaved rounds`,
    Object.entries(machine)
      .map(([name, value]) => `${name} ${value}`)
      .join(', '),
    report.error === undefined ? '' : `BROKEN OFF, so this is what was measured before: ${report.error}`,
    ...diskLines(report),
    ...busyNote(machine.load_before),
    ...report.notes,
    ...Object.entries(report.sides).map(
      ([name, side]) => `  ${name} ${side.version}: ${side.durability}; ${side.settings}`,
    ),
    table(sideRows(report, 'medians', speeds)),
    table(sideRows(report, 'fsyncs', syncs)),
    ...roundTripLine(report),
    table(depthRows(report)),
    table(pollRows(report)),
    table(targetRows(report.targets)),
    ...report.targets
      .filter((one) => one.isMet === false)
      .map((one) => `MISSED ${one.what}: ${one.why ?? 'not yet explained'}`),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const busyNote = (load: unknown): string[] =>
  Number(load) > quietLoad
    ? ['THE MACHINE WAS BUSY with other things: these figures are not to be quoted.']
    : [];

/** The parts of a phase, with its disk: figures of different phases are from different minutes. */
const diskLines = ({ disk }: Measured): string[] =>
  Object.entries(disk).map(
    ([phase, rounds]) =>
      `the disk alone before ${phase}: ${show(median(rounds))} fdatasyncs a second (each round: ${rounds.map(show).join(' ')})`,
  );

const roundTripLine = ({ round_trips }: Measured): string[] =>
  round_trips
    ? [
        `round trips to sqld: ${Object.entries(round_trips)
          .map(([verb, calls]) => `${verb} ${calls}`)
          .join(', ')}`,
      ]
    : [];

type Columns = readonly [head: string, figure: keyof SideFigures][];

const speeds: Columns = [
  ['submits/s', 'submits_per_s'],
  ['bulk, ms', 'bulk_ms'],
  ['lease+finish/s', 'drained_per_s'],
  ['pickup p50, ms', 'pickup_p50_ms'],
  ['pickup p99, ms', 'pickup_p99_ms'],
];

/** Of the processes that keep the jobs, while the figures above were measured. */
const syncs: Columns = [
  ['submits: a second', 'submit_fsyncs_per_s'],
  ['a job', 'submit_fsyncs_per_job'],
  ['bulk: a second', 'bulk_fsyncs_per_s'],
  ['a bulk', 'bulk_fsyncs'],
  ['lease+finish: a second', 'drain_fsyncs_per_s'],
  ['a job', 'drain_fsyncs_per_job'],
  ['pickup: a second', 'pickup_fsyncs_per_s'],
  ['a job', 'pickup_fsyncs_per_job'],
];

/** No table where no side has any of these figures. */
function sideRows({ rounds, sides, sizes }: Measured, title: string, columns: Columns): Cells[] {
  const middle = (side: string, figure: keyof SideFigures): string =>
    show(median(rounds.flatMap((round) => round[side]?.[figure] ?? [])));
  const rows = Object.keys(sides).map((side) => [side, ...columns.map(([, figure]) => middle(side, figure))]);
  if (rows.every(([, ...cells]) => cells.every((cell) => cell === ''))) return [];
  return [[`${title} (bulk: ${sizes.bulk} jobs)`, ...columns.map(([head]) => head)], ...rows];
}

function depthRows({ depth }: Measured): Cells[] {
  const sizes = Object.entries(depth);
  if (sizes.length === 0) return [];
  return [
    ['choose and take, queued rows', 'p50, ms', 'p99, ms', 'p50 of each round'],
    ...sizes.map(([rows, rounds]) => [
      rows,
      show(median(rounds.map((one) => one.p50_ms))),
      show(median(rounds.map((one) => one.p99_ms))),
      rounds.map((one) => show(one.p50_ms)).join(' '),
    ]),
  ];
}

function pollRows({ polls }: Measured): Cells[] {
  const [first] = polls;
  if (!first) return [];
  return [
    [`${first.polls} long polls`, 'median', 'each round'],
    ...(Object.keys(first) as (keyof PollFigures)[])
      .filter((name) => name !== 'polls')
      .map((name) => {
        const values = polls.map((one) => one[name]);
        return [name.replaceAll('_', ' '), show(median(values)), values.map(show).join(' ')];
      }),
  ];
}

const targetRows = (targets: readonly TargetResult[]): Cells[] =>
  targets.length === 0
    ? []
    : [
        ['target', 'is to be', 'is', '', 'each round'],
        ...targets.map(({ what, target, figure, rounds, isMet }) => [
          what,
          target,
          show(figure),
          isMet === undefined ? '' : isMet ? 'met' : 'MISSED',
          rounds.map(show).join(' '),
        ]),
      ];

/** Three significant digits; an empty text for a figure that was not measured. */
function show(value: number): string {
  if (Number.isNaN(value)) return '';
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

/** Columns as wide as their widest cell; the first one left-aligned, the others right-aligned. */
function table(rows: readonly Cells[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
