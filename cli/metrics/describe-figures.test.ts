import { expect, test } from 'vitest';
import type { Stats } from '../../protocol/shapes/admin.ts';
import type { Figures } from '../../protocol/shapes/figures.ts';
import type { Test } from '../../protocol/shapes/test.ts';
import { makeCounts } from '../test-support/answers.ts';
import { describeFigures } from './describe-figures.ts';
import { figuresCsv } from './figures-csv.ts';

const none = { n: 0, mean_ms: null, p50_ms: null, p95_ms: null };
const some = { n: 9, mean_ms: 754_000, p50_ms: 701_000, p95_ms: 3_500_000 };

const figures: Figures = {
  ...{ window: '24h', from: '2026-01-01T10:00:00.000Z', to: '2026-01-02T10:30:00.000Z' },
  ...{ jobs: 120, runs: 12, jobs_per_minute: 0.082, success: 0.958, test: some, wait: some, feedback: some },
  ...{ installs: 10, installs_saved: 110, install_ms_saved: 3_600_000, cloud_ms: 5_400_000 },
  orgs: [
    {
      ...{ org_id: 'acme', jobs: 120, passed: 115, flaky: 3, failed: 4, errored: 1, cancelled: 0 },
      ...{ success: 0.958, test: some, feedback: some },
    },
  ],
  targets: [
    {
      ...{
        target: 'device/a-pool-with-quite-a-long-name',
        jobs: 120,
        jobs_per_minute: 0.082,
        success: 0.958,
      },
      ...{ test: some, wait: some, queued: 7, waiting: 0, leased: 2, use: 0.25, cloud_ms: 5_400_000 },
    },
  ],
};
const stats: Stats = {
  ...{ jobs: makeCounts({ queued: 7, running: 2 }), runs_active: 1, agents_online: 1, leases_active: 2 },
  devices: { 'device/a-pool-with-quite-a-long-name': 3 },
};

const one: Test = {
  ...{ test_id: 'tst_1', org_id: 'acme', repository_id: '7', target: 'emulator', test_path: 'pay.spec.ts' },
  ...{ file: null, title: 'pays, "twice"', case_id: null, jobs: { passed: 47, flaky: 3, failed: 0 } },
  ...{ flakiness: { share: 0.06, low: 0.0125, high: 0.165 }, p50_ms: 61_000, p95_ms: 65_000 },
  ...{ first_run_at: figures.from, last_run_at: figures.to, last_failed_at: null },
  quarantine: null,
};
const options = { width: 80, minutePrice: undefined, worst: undefined };

test('sums come first, then targets, orgs and tests, within 80 columns', () => {
  const worst = { slow: [one], flaky: [one] };
  const lines = describeFigures(stats, figures, { ...options, minutePrice: 0.12, worst });
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toEqual([
    'the last day, since 2026-01-01 10:00 UTC',
    '  jobs      120 done, 0.082 a minute, success 95.8 %',
    '  runs      12 done, feedback mean 12 m 34 s, p50 11 m 41 s, p95 58 m 20 s',
    '  test      mean 12 m 34 s, p50 11 m 41 s, p95 58 m 20 s',
    '  wait      mean 12 m 34 s, p50 11 m 41 s, p95 58 m 20 s',
    '  installs  10, 110 saved (1 h 00 m)',
    '  cloud     1 h 30 m, costs 10.80',
    '  now       7 queued, 0 waiting, 2 running, 1 agent online',
    '',
    'TARGET      PER MIN  SUCCESS  TEST P50   P95        WAIT P95   QUEUED  IN USE',
    'device/a-…  0.082    95.8 %   11 m 41 s  58 m 20 s  58 m 20 s  7       25 % of 3',
    '',
    'ORG   JOBS  SUCCESS  TEST P50   FEEDBACK P95  PASSED  FLAKY  FAILED  ERRORED',
    'acme  120   95.8 %   11 m 41 s  58 m 20 s     115     3      4       1',
    '',
    'SLOWEST TESTS               TARGET    P50       P95       FLAKY  BETWEEN',
    'pay.spec.ts: pays, "twice"  emulator  1 m 01 s  1 m 05 s  6 %    1.3–16.5 %',
    '',
    'FLAKIEST TESTS              TARGET    P50       P95       FLAKY  BETWEEN',
    'pay.spec.ts: pays, "twice"  emulator  1 m 01 s  1 m 05 s  6 %    1.3–16.5 %',
  ]);
});

test('what nobody did is a dash and no zero', () => {
  const idle: Figures = {
    ...{ ...figures, jobs: 0, runs: 0, jobs_per_minute: 0, success: null, orgs: [], targets: [] },
    ...{
      test: none,
      wait: none,
      feedback: none,
      cloud_ms: 0,
      installs: 0,
      installs_saved: 0,
      install_ms_saved: 0,
    },
  };
  expect(describeFigures(stats, idle, options).slice(1, 7)).toEqual([
    '  jobs      0 done, 0 a minute, success -',
    '  runs      0 done, feedback -',
    '  test      -',
    '  wait      -',
    '  installs  0, 0 saved',
    '  now       7 queued, 0 waiting, 2 running, 1 agent online',
  ]);
});

test('as CSV it is one table, which no text can break or make a formula of', () => {
  const evil = { ...one, title: null, test_path: '=HYPERLINK("http://x")' };
  const [head = '', ...rows] = figuresCsv(figures, { slow: [one], flaky: [evil] }, 0.12);
  const columns = head.split(',');
  expect(rows).toHaveLength(5);
  const cellsOf = (row: string) => row.match(/("(?:[^"]|"")*"|[^,]*)(,|$)/g) ?? [];
  const cell = (row: number, name: string) =>
    cellsOf(rows[row] ?? '')[columns.indexOf(name)]?.replace(/,$/, '');
  const kinds = ['total', 'target', 'org', 'slow test', 'flaky test'];
  expect(kinds.map((_, row) => cell(row, 'kind'))).toEqual(kinds);
  expect([cell(0, 'jobs'), cell(0, 'cloud_cost'), cell(0, 'feedback_p95_ms')]).toEqual([
    ...['120', '10.8', '3500000'],
  ]);
  expect([cell(1, 'device_use'), cell(2, 'test_p50_ms'), cell(2, 'device_use')]).toEqual([
    ...['0.25', '701000', ''],
  ]);
  expect(cell(3, 'name')).toBe('"pay.spec.ts: pays, ""twice"""');
  expect([cell(4, 'name'), cell(4, 'flaky_share')]).toEqual([`"'=HYPERLINK(""http://x"")"`, '0.06']);
});
