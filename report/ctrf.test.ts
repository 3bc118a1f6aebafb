import { expect, test } from 'vitest';
import { makeJob, makeRun } from '../cli/test-support/answers.ts';
import type { Job } from '../protocol/shapes/job.ts';
import { toCtrf } from './ctrf.ts';

interface Read {
  readonly results: {
    readonly summary: Record<string, number>;
    readonly tests: { readonly name: string; readonly status: string; readonly message?: string }[];
  };
}

const read = (...jobs: Partial<Job>[]): Read['results'] =>
  (toCtrf({ run: makeRun(), jobs: jobs.map((job) => makeJob(job)) }) as Read).results;

test('the tests of all jobs are counted, a flaky one as passed', () => {
  const tests = [
    { name: 'a', status: 'passed' as const, duration_ms: 5 },
    { name: 'b', status: 'flaky' as const, duration_ms: 6, message: 'first it failed' },
    { name: 'c', status: 'skipped' as const, duration_ms: 0 },
  ];
  const failed = [{ name: 'd', status: 'failed' as const, duration_ms: 7, message: 'expected 2' }];
  const { summary, tests: all } = read({ tests }, { tests: failed, status: 'failed', error: 'd failed' });
  expect(summary).toEqual({
    ...{ tests: 4, passed: 2, failed: 1, skipped: 1, pending: 0, other: 0 },
    ...{ start: Date.parse('2026-01-01T10:00:01.000Z'), stop: Date.parse('2026-01-01T10:00:12.300Z') },
  });
  expect(all[1]).toMatchObject({ status: 'passed', flaky: true, message: 'first it failed' });
  expect(all[3]).toEqual({
    ...{ name: 'd', status: 'failed', duration: 7, suite: 'tests/cart.spec.ts on emulator' },
    ...{ filePath: 'tests/cart.spec.ts', message: 'expected 2' },
  });
});

test.each([
  ['errored', { status: 'errored', error: 'no device' }, 'failed'],
  ['failed without a failing test', { status: 'failed', error: 'exit 1' }, 'failed'],
  ['cancelled', { status: 'cancelled' }, 'other'],
  ['still running', { status: 'running', outcome: null, finished_at: null, lease_id: 'l' }, 'pending'],
  ['passed without tests', { status: 'passed' }, 'passed'],
] as const)('a job that %s shows it by a test of its own', (_what, job, status) => {
  const tests = [{ name: 'a', status: 'passed' as const, duration_ms: 5 }];
  expect(read({ ...job, tests: null }).tests).toMatchObject([{ name: 'tests/cart.spec.ts', status }]);
  if (status !== 'passed') expect(read({ ...job, tests }).summary[status]).toBe(1);
});

test('what a terminal or a workflow would act on is taken out of names and messages', () => {
  const tests = [
    { name: 'a\u001b[31m\nb', status: 'failed' as const, duration_ms: 1, message: '::error::x\u0007' },
  ];
  const [first] = read({ tests, status: 'failed' }).tests;
  expect(first?.name).toBe('a b');
  expect(first?.message).toBe('\u200b::error::x');
});
