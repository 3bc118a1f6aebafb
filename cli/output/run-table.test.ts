import { expect, test } from 'vitest';
import { makeCounts, makeRun, plain } from '../test-support/answers.ts';
import { runTable } from './run-table.ts';
import { displayWidth } from './table.ts';

const runs = [
  makeRun({ status: 'failed', counts: makeCounts({ passed: 3, failed: 1, flaky: 1 }) }),
  makeRun({ run_id: 'run_2', app_version_id: 'a-very-long-name-of-an-app-version' }),
];

test('each run is a line with its jobs in words', () => {
  const [title, first] = plain(runTable(runs, undefined));
  expect(title).toMatch(/^RUN +STATUS +APP VERSION +ORG +SUBMITTED +JOBS$/);
  expect(first).toMatch(
    /^run_1 +failed +v1 +acme +2026-01-01 \d\d:\d\d:\d\d +3 passed \(1 flaky\), 1 failed$/,
  );
});

test.each([80, 60, 44])('it fits into %i columns', (width) => {
  for (const line of plain(runTable(runs, width))) expect(displayWidth(line)).toBeLessThanOrEqual(width);
});

test('of no runs there is no table', () => {
  expect(runTable([], 80)).toEqual([]);
});
