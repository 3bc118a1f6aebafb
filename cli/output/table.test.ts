import { expect, test } from 'vitest';
import { makeJob, plain } from '../test-support/answers.ts';
import { jobTable } from './job-table.ts';
import { cut, displayWidth, formatTable } from './table.ts';

test.each([
  ['abc', 3],
  ['日本', 4],
  ['🙂', 2],
  ['e\u0301', 1],
])('%s takes %i columns', (text, width) => {
  expect(displayWidth(text)).toBe(width);
});

test('a text is cut to the width, never through a wide character', () => {
  expect(cut('abcdef', 4)).toBe('abc…');
  expect(cut('日本語', 4)).toBe('日…');
  expect(cut('abc', 3)).toBe('abc');
  expect(cut('abc', 0)).toBe('');
});

test('columns are aligned, and only those that may be are cut, down to what can be read', () => {
  const rows = [
    ['id', 'a/long/path/to/a/test.spec.ts', 'x'],
    ['id22', 'b', 'yy'],
  ];
  expect(formatTable(rows)).toEqual([
    'id    a/long/path/to/a/test.spec.ts  x',
    'id22  b                              yy',
  ]);
  expect(formatTable(rows, { width: 30, cuttable: [1] })).toEqual([
    'id    a/long/path/to/a/te…  x',
    'id22  b                     yy',
  ]);
  expect(formatTable(rows, { width: 5, cuttable: [1] })[0]).toBe('id    a/long/pa…  x');
});

test('the list of jobs leaves columns out where the terminal is narrow, and none where there is no terminal', () => {
  const jobs = [makeJob({ job_id: `job_${'0'.repeat(32)}`, test_path: 'tests/a-long-folder/cart.spec.ts' })];
  const [wide = '', row = ''] = plain(jobTable(jobs, undefined));
  expect(wide.split(/\s{2,}/)).toEqual([
    'JOB',
    'STATUS',
    'TEST',
    'TARGET',
    'ORG',
    'APP VERSION',
    'SUBMITTED',
  ]);
  expect(row).toContain('tests/a-long-folder/cart.spec.ts  emulator  acme  v1');
  for (const width of [60, 80, 100, 120]) {
    const lines = plain(jobTable(jobs, width));
    expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    expect(lines[0]).toMatch(/^JOB +STATUS +TEST/);
  }
  expect(jobTable([], 80)).toEqual([]);
});
