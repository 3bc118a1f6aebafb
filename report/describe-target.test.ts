import { expect, test } from 'vitest';
import { makeJob } from '../action/test-support/records.ts';
import { isGreenTarget } from './describe-target.ts';

const at = '2026-01-01T00:00:00.000Z';
const passed = makeJob('a');
const held = makeJob('b', {
  ...{ status: 'failed', outcome: 'failed' },
  quarantined_by: [{ quarantine_id: 'qua_1', owner: '@ann', ends_at: at }],
});
const report = { total: 2, passed: 1, failed: 1, skipped: 0, flaky: 1, listed: 2 };

// A target beside one that fails: as if it were a run of its own.
test.each([
  ['all passed', [passed], true],
  ['nothing ran', [], false],
  ['one is in quarantine, and another passed', [held, passed], true],
  ['all that ran is in quarantine', [held], false],
  ['one is known to fail', [makeJob('b', { status: 'failed', known_failure: true }), passed], false],
  ['one has no verdict', [makeJob('b', { ...held, status: 'errored' }), passed], false],
  ['one failed', [makeJob('b', { status: 'failed', quarantined_by: [] }), passed, held], false],
])('of a target on which %s', (_, jobs, isGreen) => {
  expect(isGreenTarget(jobs, false)).toBe(isGreen);
});

test('what passed in an earlier attempt is a pass of the target', () => {
  expect(isGreenTarget([held], false, 1)).toBe(true);
  expect(isGreenTarget([], false, 1)).toBe(true);
});

test('where flaky tests count, they count beside a quarantine too', () => {
  expect(isGreenTarget([{ ...held, report }, passed], false)).toBe(true);
  expect(isGreenTarget([{ ...held, report }, passed], true)).toBe(false);
  expect(isGreenTarget([passed, { ...passed, outcome: 'flaky' }], true)).toBe(false);
  expect(isGreenTarget([passed, held], true)).toBe(true);
});
