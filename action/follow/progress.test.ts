import { expect, test } from 'vitest';
import { makeJob, makeRecord } from '../test-support/records.ts';
import { createProgress, describeJob } from './progress.ts';

test('each job that ends gets its line, the counts come at most every 30 s', () => {
  const lines: string[] = [];
  let now = 0;
  const show = createProgress(
    (line) => lines.push(line),
    () => now,
  );
  const running = makeJob('a', { status: 'running' });
  const queued = makeJob('b', { status: 'queued' });
  const look = (jobs: (typeof running)[], changed = jobs) => {
    const { run } = makeRecord(jobs, { status: 'running', conclusion: null });
    show({ run, jobs: new Map() }, changed);
  };
  look([running, queued]);
  now = 29_000;
  look([running, queued], []);
  const failed = makeJob('a', { status: 'failed', error: 'exit 1', attempt: 2 });
  look([failed, queued], [failed]);
  now = 30_000;
  look([failed, queued], []);
  expect(lines).toEqual([
    '0 of 2 jobs done; 1 running, 1 queued',
    'failed: a on emulator, 1.2 s, 2 attempts: exit 1',
    '1 of 2 jobs done: 1 failed; 1 queued',
  ]);
});

test('a flaky pass is called so, and keeps no old error', () => {
  const job = makeJob('a', { outcome: 'flaky', attempt: 2, error: 'exit 1' });
  expect(describeJob(job)).toBe('flaky: a on emulator, 1.2 s, 2 attempts');
  const tests = ['a', 'b'].map((name) => ({ name, status: 'passed', duration_ms: 1 }) as const);
  expect(describeJob({ ...job, tests, retried_tests: 1 })).toBe(
    'flaky: a on emulator, 1.2 s, 2 attempts, retried 1 of 2 tests',
  );
});
