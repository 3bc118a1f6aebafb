import { expect, test } from 'vitest';
import { newestOfEach } from './newest-runs.ts';

const run = (words: string, status: 'passed' | 'failed', attempt: number, more: object = {}) => ({
  words,
  run: { status },
  github: { job: 'app', run_attempt: attempt, ...more },
});
const newest = (...runs: ReturnType<typeof run>[]) =>
  newestOfEach(runs).map(({ of: { words }, call }) => (call === undefined ? words : `${words}: ${call}`));
const named = (name: string) => ({ check_run_name: name });

test('of a job the newest attempt counts, of each leg and step by itself', () => {
  expect(newest(run('one', 'failed', 1), run('two', 'passed', 2))).toEqual(['two']);
  expect(newest(run('two', 'passed', 2), run('one', 'failed', 1))).toEqual(['two']);
  const legs = ['a', 'b'].map((leg) => run(leg, 'failed', 1, { leg }));
  expect(newest(...legs, run('again', 'passed', 2, { leg: 'b' }))).toEqual(['a', 'again']);
  const steps = ['x', 'y'].map((step) => run(step, 'failed', 1, { step }));
  expect(newest(...steps)).toEqual(['x', 'y']);
});

test('a name that could be read in one attempt alone makes no second job', () => {
  expect(newest(run('one', 'failed', 1), run('two', 'passed', 2, named('app')))).toEqual(['two']);
});

test('calls of a reusable workflow are told apart by their names, each with its newest attempt', () => {
  const [a, b] = [run('a1', 'failed', 1, named('a / app')), run('b1', 'failed', 1, named('b / app'))];
  expect(newest(a, b, run('b2', 'passed', 2, named('b / app')))).toEqual(['a1: a / app', 'b2: b / app']);
});

test('where nobody could read the names, a failure stays: nobody knows which of them a newer one repeats', () => {
  const first = [run('a1', 'failed', 1), run('b1', 'failed', 1), run('c1', 'passed', 1)];
  expect(newest(...first, run('b2', 'passed', 2))).toEqual(['a1', 'b1: app, 2', 'b2: app, 3']);
});
