import { expect, test } from 'vitest';
import type { JobRow } from '../store/rows.ts';
import { afterInstall, backoffMs, type Ending, nextJobState } from './next-job-state.ts';

const now = 1_000_000;

const job = (facts: Partial<JobRow> = {}): JobRow =>
  ({
    failures: 0,
    reportErrors: 0,
    testFailures: 0,
    crashes: 0,
    releases: 0,
    maxRetries: 3,
    retryFailedTests: 1,
    cancelRequestedAt: null,
    ...facts,
  }) as JobRow;

const error = (errorClass: Ending['errorClass']): Ending => ({ verdict: 'error', errorClass });
const passed: Ending = { verdict: 'passed' };
const failed: Ending = { verdict: 'failed', error: 'expected 3' };
const flagged = { cancelRequestedAt: 5 };

// One line per row of the table of states in docs/job-lifecycle.md.
test.each<[string, Partial<JobRow>, Ending, object]>([
  ['5 a pass', {}, passed, { status: 'passed', outcome: 'passed', avoid: false, error: null }],
  ['5 a pass after a failure is flaky', { testFailures: 1 }, passed, { status: 'passed', outcome: 'flaky' }],
  [
    '6 a failure with no retry left',
    { testFailures: 1 },
    failed,
    { status: 'failed', outcome: 'failed', testFailures: 2, error: 'expected 3' },
  ],
  [
    '7 a failure with a retry left',
    {},
    failed,
    { status: 'queued', outcome: null, testFailures: 1, avoid: true, error: 'expected 3' },
  ],
  [
    '8 infrastructure',
    {},
    error('infra_error'),
    {
      ...{ status: 'waiting', failures: 1, waitReason: 'backoff', avoid: true, runAt: now + 7500 },
      ...{ testFailures: 0, reportErrors: 0 },
    },
  ],
  ['8 an error without a class', {}, error(undefined), { status: 'waiting', failures: 1, avoid: true }],
  [
    '8 infrastructure for the 21st time',
    { failures: 20, maxRetries: 30 },
    error('infra_error'),
    { status: 'waiting', runAt: now + 675_000 },
  ],
  ['8 a timeout', { failures: 2 }, error('timeout'), { status: 'waiting', failures: 3 }],
  ['5 a pass with a flaky test', {}, { ...passed, isFlaky: true }, { status: 'passed', outcome: 'flaky' }],
  [
    '8a a report that says nothing',
    {},
    error('report_error'),
    { status: 'queued', failures: 1, reportErrors: 1, runAt: null, avoid: false },
  ],
  [
    '9 a report that says nothing, the second time',
    { failures: 1, reportErrors: 1 },
    error('report_error'),
    { status: 'errored', outcome: 'report_error', failures: 2 },
  ],
  [
    '9 the same, none left',
    { failures: 3 },
    error('report_error'),
    { status: 'errored', outcome: 'report_error' },
  ],
  [
    '9 infrastructure, none left',
    { failures: 3 },
    error('infra_error'),
    { status: 'errored', outcome: 'infra_error' },
  ],
  ['9 a timeout, none left', { maxRetries: 0 }, error('timeout'), { status: 'errored', outcome: 'timeout' }],
  ['9 a build error', {}, error('build_error'), { status: 'errored', outcome: 'build_error' }],
  ['9 rejected', {}, error('rejected'), { status: 'errored', outcome: 'rejected' }],
  [
    '10 an install that failed',
    {},
    error('install_failed'),
    { status: 'waiting', failures: 0, waitReason: 'install_failed', runAt: now + 30_000, avoid: true },
  ],
  [
    '10 no capacity',
    {},
    error('capacity'),
    { status: 'waiting', waitReason: 'capacity', failures: 0, runAt: now + 45_000, avoid: false },
  ],
  [
    '11 lost',
    {},
    error('lost'),
    { status: 'waiting', waitReason: 'backoff', crashes: 1, failures: 0, runAt: now + 3750, avoid: false },
  ],
  ['11 lost for the second time', { crashes: 1 }, error('lost'), { status: 'waiting', runAt: now + 7500 }],
  [
    '12 lost for the third time',
    { crashes: 2 },
    error('lost'),
    { status: 'errored', outcome: 'poison', crashes: 3 },
  ],
  ['14 interrupted', {}, error('interrupted'), { status: 'queued', releases: 1, failures: 0 }],
  ['14 a cancel that nobody asked for', {}, { verdict: 'cancelled' }, { status: 'queued', releases: 1 }],
  ['17 cancelled', flagged, { verdict: 'cancelled' }, { status: 'cancelled', outcome: 'cancelled' }],
  ['17 infrastructure under the flag', flagged, error('infra_error'), { status: 'cancelled', failures: 0 }],
  ['17 no report under the flag', flagged, error('report_error'), { status: 'cancelled', failures: 0 }],
  ['17 lost under the flag', flagged, error('lost'), { status: 'cancelled' }],
  [
    '17 a failure with a retry left, under the flag',
    flagged,
    failed,
    { status: 'cancelled', outcome: 'cancelled' },
  ],
  ['18 a pass beats the flag', flagged, passed, { status: 'passed' }],
  ['18 a final failure beats the flag', { ...flagged, testFailures: 1 }, failed, { status: 'failed' }],
])('%s', (_row, facts, ending, expected) => {
  expect(nextJobState(job(facts), ending, now, 0.5)).toMatchObject(expected);
});

test.each([
  [0, 0, 5000],
  [0, 0.999999, 10_000],
  [3, 0, 40_000],
  [20, 0.999999, 900_000],
])('backoff %i at %f is %i ms', (n, random, ms) => {
  expect(backoffMs(10_000, n, 900_000, random)).toBe(ms);
});

test.each<[Ending['errorClass'], object]>([
  ['infra_error', { status: 'waiting', waitReason: 'backoff', runAt: now + 7500, avoid: true }],
  ['capacity', { status: 'waiting', waitReason: 'capacity', runAt: now + 45_000, avoid: false }],
  ['interrupted', { status: 'queued', waitReason: null, runAt: null, avoid: false }],
])('after an install that ended with %s a job waits, and nothing is counted', (errorClass, expected) => {
  const ending = { ...error(errorClass), error: 'no space left' };
  expect(afterInstall(job({ failures: 0, releases: 2 }), ending, now, 0.5)).toEqual({
    ...{ outcome: null, failures: 0, reportErrors: 0, testFailures: 0, crashes: 0, releases: 2 },
    ...{ error: 'no space left', ...expected },
  });
});
