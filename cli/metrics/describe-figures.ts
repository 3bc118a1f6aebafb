import { oneLine } from '../../protocol/clean-text.ts';
import { formatDuration } from '../../protocol/durations.ts';
import type { Stats } from '../../protocol/shapes/admin.ts';
import type { Figures, Spread } from '../../protocol/shapes/figures.ts';
import type { Test } from '../../protocol/shapes/test.ts';
import { plural } from '../../protocol/words.ts';
import { percent } from '../output/percent.ts';
import { formatTable } from '../output/table.ts';

const inWords = {
  '1h': 'the last hour',
  '24h': 'the last day',
  '7d': 'the last week',
  '30d': 'the last 30 days',
  '90d': 'the last 90 days',
} as const;

/** Tests that take longest, and those that are surely flaky most often; undefined where no org was named. */
export interface WorstTests {
  readonly slow: readonly Test[];
  readonly flaky: readonly Test[];
}

export interface FiguresOptions {
  readonly width: number | undefined;
  /** Of a minute of a cloud's device; undefined: it was not given. */
  readonly minutePrice: number | undefined;
  readonly worst: WorstTests | undefined;
}

/** The lines to print: sums first, then tables of targets, orgs and tests. At most `width` columns. */
export function describeFigures(stats: Stats, figures: Figures, options: FiguresOptions): string[] {
  const { jobs } = stats;
  const { width, worst } = options;
  const running = jobs.running + jobs.scheduled;
  return [
    `${inWords[figures.window]}, since ${figures.from.slice(0, 16).replace('T', ' ')} UTC`,
    `  jobs      ${figures.jobs} done, ${figures.jobs_per_minute} a minute, success ${percent(figures.success)}`,
    `  runs      ${figures.runs} done, feedback ${spread(figures.feedback)}`,
    `  test      ${spread(figures.test)}`,
    `  wait      ${spread(figures.wait)}`,
    `  installs  ${figures.installs}, ${saved(figures)}`,
    ...cloudLine(figures, options),
    `  now       ${jobs.queued} queued, ${jobs.waiting} waiting, ${running} running, ${plural(stats.agents_online, 'agent')} online`,
    ...section(targetRows(figures, stats), width),
    ...section(orgRows(figures), width),
    ...section(testRows('SLOWEST TESTS', worst?.slow ?? []), width),
    ...section(testRows('FLAKIEST TESTS', worst?.flaky ?? []), width),
  ];
}

const section = (rows: readonly (readonly string[])[], width: number | undefined): string[] =>
  rows.length < 2 ? [] : ['', ...formatTable(rows, { width, cuttable: [0] })];

const targetRows = (figures: Figures, stats: Stats): string[][] => [
  ['TARGET', 'PER MIN', 'SUCCESS', 'TEST P50', 'P95', 'WAIT P95', 'QUEUED', 'IN USE'],
  ...figures.targets.map((one) => [
    one.target,
    String(one.jobs_per_minute),
    percent(one.success),
    time(one.test.p50_ms),
    time(one.test.p95_ms),
    time(one.wait.p95_ms),
    String(one.queued),
    `${percent(one.use)} of ${stats.devices[one.target] ?? 0}`,
  ]),
];

const orgRows = (figures: Figures): string[][] => [
  ['ORG', 'JOBS', 'SUCCESS', 'TEST P50', 'FEEDBACK P95', 'PASSED', 'FLAKY', 'FAILED', 'ERRORED'],
  ...figures.orgs.map((one) => [
    one.org_id,
    String(one.jobs),
    percent(one.success),
    ...[time(one.test?.p50_ms), time(one.feedback?.p95_ms)],
    ...[one.passed, one.flaky, one.failed, one.errored].map(String),
  ]),
];

/** Names first, since they are cut. */
const testRows = (head: string, tests: readonly Test[]): string[][] =>
  tests.length === 0
    ? []
    : [
        [head, 'TARGET', 'P50', 'P95', 'FLAKY', 'BETWEEN'],
        ...tests.map((one) => [
          oneLine(one.title === null ? one.test_path : `${one.test_path}: ${one.title}`),
          ...[one.target, time(one.p50_ms), time(one.p95_ms), percent(one.flakiness?.share ?? null)],
          one.flakiness === null
            ? '-'
            : `${percent(one.flakiness.low).slice(0, -2)}–${percent(one.flakiness.high)}`,
        ]),
      ];

/** `cloud     12 h 30 m, costs 90.00`. */
function cloudLine({ cloud_ms: ms = 0 }: Figures, { minutePrice }: FiguresOptions): string[] {
  if (ms === 0) return [];
  const cost = minutePrice === undefined ? '' : `, costs ${((ms / 60_000) * minutePrice).toFixed(2)}`;
  return [`  cloud     ${formatDuration(ms)}${cost}`];
}

const time = (ms: number | null | undefined): string =>
  ms === null || ms === undefined ? '-' : formatDuration(ms);

const spread = ({ n, mean_ms, p50_ms, p95_ms }: Spread): string =>
  n === 0 ? '-' : `mean ${time(mean_ms)}, p50 ${time(p50_ms)}, p95 ${time(p95_ms)}`;

function saved({ installs_saved: n, install_ms_saved: ms }: Figures): string {
  return ms === 0 ? `${n} saved` : `${n} saved (${formatDuration(ms)})`;
}
