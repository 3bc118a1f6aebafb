import { formatDuration } from '../../protocol/durations.ts';
import type { Stats } from '../../protocol/shapes/admin.ts';
import type { Figures, Spread } from '../../protocol/shapes/figures.ts';
import { plural } from '../output/counts.ts';
import { formatTable } from '../output/table.ts';

const inWords = { '1h': 'the last hour', '24h': 'the last day', '7d': 'the last week' } as const;

/** The lines to print: sums first, then a table of targets and one of orgs. At most `width` columns. */
export function describeFigures(stats: Stats, figures: Figures, width: number | undefined): string[] {
  const { jobs } = stats;
  const running = jobs.running + jobs.scheduled;
  return [
    `${inWords[figures.window]}, since ${figures.from.slice(0, 16).replace('T', ' ')} UTC`,
    `  jobs      ${figures.jobs} done, ${figures.jobs_per_minute} a minute, success ${percent(figures.success)}`,
    `  runs      ${figures.runs} done, feedback ${spread(figures.feedback)}`,
    `  test      ${spread(figures.test)}`,
    `  wait      ${spread(figures.wait)}`,
    `  installs  ${figures.installs}, ${saved(figures)}`,
    `  now       ${jobs.queued} queued, ${jobs.waiting} waiting, ${running} running, ${plural(stats.agents_online, 'agent')} online`,
    ...section(targetRows(figures, stats), width),
    ...section(orgRows(figures), width),
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
  ['ORG', 'JOBS', 'SUCCESS', 'PASSED', 'FLAKY', 'FAILED', 'ERRORED', 'CANCELLED'],
  ...figures.orgs.map((one) => [
    one.org_id,
    String(one.jobs),
    percent(one.success),
    ...[one.passed, one.flaky, one.failed, one.errored, one.cancelled].map(String),
  ]),
];

const time = (ms: number | null): string => (ms === null ? '-' : formatDuration(ms));
const percent = (share: number | null): string =>
  share === null ? '-' : `${Math.round(share * 1000) / 10} %`;

const spread = ({ n, mean_ms, p50_ms, p95_ms }: Spread): string =>
  n === 0 ? '-' : `mean ${time(mean_ms)}, p50 ${time(p50_ms)}, p95 ${time(p95_ms)}`;

function saved({ installs_saved: n, install_ms_saved: ms }: Figures): string {
  return ms === 0 ? `${n} saved` : `${n} saved (${formatDuration(ms)})`;
}
