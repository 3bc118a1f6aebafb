import { expect, test } from 'vitest';
import { QgjobError } from '../../protocol/errors.ts';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { concludeCheck } from './conclude-check.ts';

const passed = makeJob('a');
const failed = makeJob('b', { status: 'failed' });
const known = makeJob('b', { status: 'failed', known_failure: true });
const errored = makeJob('c', { status: 'errored' });
const cancelled = makeJob('d', { status: 'cancelled' });
const flaky = makeJob('e', { outcome: 'flaky' });
const failure = { status: 'failed', conclusion: 'failure' } as const;

test.each([
  ['every job passed', makeRecord([passed, flaky]), undefined],
  ['a job failed', makeRecord([passed, failed], failure), '1 of 2 jobs failed: b on emulator'],
  [
    'many failed',
    makeRecord(Array(5).fill(failed), failure),
    '5 of 5 jobs failed: b on emulator, b on emulator, b on emulator and 2 more',
  ],
  [
    'others did not run, since one failed',
    makeRecord([failed, cancelled, cancelled], { ...failure, reason: 'max_failures' }),
    '1 of 3 jobs failed: b on emulator; max-failures: 2 others did not run',
  ],
  [
    'one had no verdict',
    makeRecord([errored], { status: 'errored', conclusion: 'failure' }),
    '1 of 1 job had no verdict, a problem of the infrastructure and not of a test: c on emulator',
  ],
  [
    'a report was not to be believed',
    makeRecord([makeJob('c', { status: 'errored', outcome: 'report_error', error: 'no test\nran' })], {
      ...{ status: 'errored', conclusion: 'failure', reason: 'report' },
    }),
    "1 of 1 job had no verdict, the test's report could not be believed: c on emulator (no test ran)",
  ],
  [
    'there are several reasons',
    makeRecord(
      (
        ['install_failed', 'no_device', 'install_failed', 'rejected', 'timeout', 'expired_in_queue'] as const
      ).map((outcome, index) => makeJob(String(index), { status: 'errored', outcome })),
      { status: 'errored', conclusion: 'failure', reason: 'infrastructure' },
    ),
    '6 of 6 jobs had no verdict, the app could not be installed: 0 on emulator, 2 on emulator; ' +
      'no device offers the target: 1 on emulator; the agent refused the job: 3 on emulator; ' +
      'the test took longer than it may: 4 on emulator; no device took it in time: 5 on emulator',
  ],
  [
    'it was cancelled',
    makeRecord([passed, cancelled], { status: 'cancelled', conclusion: 'cancelled' }),
    '1 of 2 jobs cancelled: d on emulator',
  ],
  [
    'it was superseded',
    makeRecord([cancelled], { status: 'cancelled', conclusion: 'neutral', reason: 'superseded' }),
    'the run was superseded by one of a newer commit',
  ],
  [
    'a test failed before it could be superseded',
    makeRecord([failed], { ...failure, reason: 'superseded' }),
    '1 of 1 job failed: b on emulator',
  ],
  [
    'flaky counts as failed',
    makeRecord([flaky], { ...failure, reason: 'flaky' }),
    '1 of 1 job passed only after a failed attempt (fail-on-flaky): e on emulator',
  ],
  [
    'all that failed again is known, and the rest passed in an earlier attempt',
    makeRecord([known], { reason: 'known_failures', passed_before: 1 }),
    undefined,
  ],
  [
    'all that failed is known, and nothing passed',
    makeRecord([known], { reason: 'known_failures' }),
    '1 of 1 job failed: b on emulator',
  ],
  ['there is no job', makeRecord([]), 'the run has no jobs, so nothing was tested'],
  [
    'the server says success of a job that did not pass',
    makeRecord([passed, failed]),
    '1 of 2 jobs failed: b on emulator',
  ],
  [
    'the server says success of fewer jobs than there are',
    makeRecord([passed, makeJob('x', { status: 'queued' })]),
    'the run ended as passed (success)',
  ],
])('when %s the step says so', (_, record, line) => {
  expect(concludeCheck({ ending: 'final', record }, 1000)).toBe(line);
});

test.each(['timed_out', 'stopped', 'lost'] as const)(
  'a step that ends as %s fails, whatever the run is',
  (ending) => {
    const error = new QgjobError('unavailable', 'cannot reach it');
    expect(concludeCheck({ ending, record: makeRecord([passed]), error }, 60_000)).toMatch(
      /^(run run_1|the workflow)/,
    );
  },
);
