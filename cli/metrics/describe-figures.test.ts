import { expect, test } from 'vitest';
import type { Stats } from '../../protocol/shapes/admin.ts';
import type { Figures } from '../../protocol/shapes/figures.ts';
import { makeCounts } from '../test-support/answers.ts';
import { describeFigures } from './describe-figures.ts';

const none = { n: 0, mean_ms: null, p50_ms: null, p95_ms: null };
const some = { n: 9, mean_ms: 754_000, p50_ms: 701_000, p95_ms: 3_500_000 };

const figures: Figures = {
  ...{ window: '24h', from: '2026-01-01T10:00:00.000Z', to: '2026-01-02T10:30:00.000Z' },
  ...{ jobs: 120, runs: 12, jobs_per_minute: 0.082, success: 0.958, test: some, wait: some, feedback: some },
  ...{ installs: 10, installs_saved: 110, install_ms_saved: 3_600_000 },
  orgs: [
    {
      ...{ org_id: 'acme', jobs: 120, passed: 115, flaky: 3, failed: 4, errored: 1, cancelled: 0 },
      success: 0.958,
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
      ...{ test: some, wait: some, queued: 7, waiting: 0, leased: 2, use: 0.25 },
    },
  ],
};
const stats: Stats = {
  ...{ jobs: makeCounts({ queued: 7, running: 2 }), runs_active: 1, agents_online: 1, leases_active: 2 },
  devices: { 'device/a-pool-with-quite-a-long-name': 3 },
};

test('sums come first, then targets and orgs, within 80 columns', () => {
  const lines = describeFigures(stats, figures, 80);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines).toEqual([
    'the last day, since 2026-01-01 10:00 UTC',
    '  jobs      120 done, 0.082 a minute, success 95.8 %',
    '  runs      12 done, feedback mean 12 m 34 s, p50 11 m 41 s, p95 58 m 20 s',
    '  test      mean 12 m 34 s, p50 11 m 41 s, p95 58 m 20 s',
    '  wait      mean 12 m 34 s, p50 11 m 41 s, p95 58 m 20 s',
    '  installs  10, 110 saved (1 h 00 m)',
    '  now       7 queued, 0 waiting, 2 running, 1 agent online',
    '',
    'TARGET      PER MIN  SUCCESS  TEST P50   P95        WAIT P95   QUEUED  IN USE',
    'device/a-…  0.082    95.8 %   11 m 41 s  58 m 20 s  58 m 20 s  7       25 % of 3',
    '',
    'ORG   JOBS  SUCCESS  PASSED  FLAKY  FAILED  ERRORED  CANCELLED',
    'acme  120   95.8 %   115     3      4       1        0',
  ]);
});

test('what nobody did is a dash and no zero', () => {
  const idle: Figures = {
    ...{ ...figures, jobs: 0, runs: 0, jobs_per_minute: 0, success: null, orgs: [], targets: [] },
    ...{ test: none, wait: none, feedback: none, installs: 0, installs_saved: 0, install_ms_saved: 0 },
  };
  expect(describeFigures(stats, idle, 80).slice(1, 7)).toEqual([
    '  jobs      0 done, 0 a minute, success -',
    '  runs      0 done, feedback -',
    '  test      -',
    '  wait      -',
    '  installs  0, 0 saved',
    '  now       7 queued, 0 waiting, 2 running, 1 agent online',
  ]);
});
