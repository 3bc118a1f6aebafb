import { csvCell } from '../../protocol/csv.ts';
import type { Figures, Spread } from '../../protocol/shapes/figures.ts';
import type { Test } from '../../protocol/shapes/test.ts';
import type { WorstTests } from './describe-figures.ts';

const columns = [
  ...[
    'kind',
    'name',
    'target',
    'jobs',
    'runs',
    'success',
    'passed',
    'flaky',
    'failed',
    'errored',
    'cancelled',
  ],
  ...['test_mean_ms', 'test_p50_ms', 'test_p95_ms', 'wait_p50_ms', 'wait_p95_ms'],
  ...['feedback_mean_ms', 'feedback_p50_ms', 'feedback_p95_ms', 'device_use', 'installs', 'installs_saved'],
  ...['install_ms_saved', 'cloud_ms', 'cloud_cost', 'flaky_share', 'flaky_low', 'flaky_high'],
] as const;

type Cells = Partial<Record<(typeof columns)[number], string | number | null>>;

/**
 * The figures as one table (RFC 4180): a line for the total, then one for each target, org and listed test. A cell is empty
 * where nothing is known.
 */
export function figuresCsv(
  figures: Figures,
  worst: WorstTests | undefined,
  minutePrice: number | undefined,
): string[] {
  const costOf = (ms: number) =>
    minutePrice === undefined ? null : Math.round((ms / 60_000) * minutePrice * 100) / 100;
  const rows: Cells[] = [
    {
      ...{
        kind: 'total',
        name: figures.window,
        jobs: figures.jobs,
        runs: figures.runs,
        success: figures.success,
      },
      ...{
        ...times('test', figures.test),
        ...times('wait', figures.wait),
        ...times('feedback', figures.feedback),
      },
      ...{ installs: figures.installs, installs_saved: figures.installs_saved },
      ...{ install_ms_saved: figures.install_ms_saved, cloud_ms: figures.cloud_ms },
      cloud_cost: costOf(figures.cloud_ms),
    },
    ...figures.targets.map(({ target, jobs, success, test, wait, use, cloud_ms }) => ({
      ...{
        kind: 'target',
        name: target,
        target,
        jobs,
        success,
        ...times('test', test),
        ...times('wait', wait),
      },
      ...{ device_use: use, cloud_ms, cloud_cost: costOf(cloud_ms) },
    })),
    ...figures.orgs.map(({ org_id: name, test, feedback, ...counts }) => ({
      ...{ kind: 'org', name, ...counts, ...times('test', test), ...times('feedback', feedback) },
    })),
    ...(worst?.slow ?? []).map((one) => testCells('slow test', one)),
    ...(worst?.flaky ?? []).map((one) => testCells('flaky test', one)),
  ];
  return [columns.join(','), ...rows.map((row) => columns.map((name) => csvCell(row[name])).join(','))];
}

const times = (name: 'test' | 'wait' | 'feedback', { mean_ms, p50_ms, p95_ms }: Spread): Cells => ({
  ...(name !== 'wait' && { [`${name}_mean_ms`]: mean_ms }),
  ...{ [`${name}_p50_ms`]: p50_ms, [`${name}_p95_ms`]: p95_ms },
});

function testCells(kind: string, { test_path, title, target, jobs, p50_ms, p95_ms, flakiness }: Test): Cells {
  return {
    ...{ kind, name: title === null ? test_path : `${test_path}: ${title}`, target, ...jobs },
    ...{ test_p50_ms: p50_ms, test_p95_ms: p95_ms },
    ...{ flaky_share: flakiness?.share, flaky_low: flakiness?.low, flaky_high: flakiness?.high },
  };
}
