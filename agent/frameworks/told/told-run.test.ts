import { expect, test } from 'vitest';
import type { AttemptResult } from '../../reports/attempt-result.ts';
import type { BatchRest } from '../batch.ts';
import { ToldFile } from './told-file.ts';
import { type RunEnd, ToldRun } from './told-run.ts';
import type { Told, ToldTest } from './told-shape.ts';

const fine: RunEnd = {
  exit: 'passed',
  how: 'it exited with 0',
  quoted: 'it exited with 0',
  isStopped: false,
};
const one: RunEnd = {
  ...fine,
  exit: 'failed',
  how: 'it exited with 1',
  quoted: 'it exited with 1:\nlast words',
};
const dead: RunEnd = { ...one, exit: 'broken', how: 'it was ended by SIGKILL' };

type Event = Told extends infer Each ? (Each extends { n?: unknown } ? Omit<Each, 'n'> : never) : never;

/** What becomes of files `a`, `b` … when these events are told; those told before the end come first. */
function become(names: string, events: readonly Event[], end: RunEnd): Record<string, BatchRest> {
  const told: Record<string, AttemptResult> = {};
  const files = new Map([...names].map((name) => [`/suite/${name}.js`, new ToldFile(name)]));
  const run = new ToldRun(files, {
    runs: () => undefined,
    output: () => undefined,
    installed: () => undefined,
    ended: (path, result) => {
      told[path] = result;
    },
  });
  for (const [n, event] of events.entries()) run.take({ n, ...event } as Told);
  return { ...told, ...Object.fromEntries(run.close(end)) };
}

const plan = (names: string): Event =>
  ({ event: 'plan', files: [...names].map((name) => `/suite/${name}.js`) }) as Event;
const begin = (name: string): Event => ({ event: 'test-begin', file: `/suite/${name}.js`, at: 1 }) as Event;
const did = (name: string, status: ToldTest['status'] = 'passed', failures: string[] = []): Event =>
  ({
    event: 'test-end',
    file: `/suite/${name}.js`,
    test: { titles: ['shop', name], status, failures, duration: 1 },
  }) as Event;
const over = (name: string, errors: string[] = []): Event =>
  ({ event: 'file-end', file: `/suite/${name}.js`, errors }) as Event;
const end: Event = { event: 'end' } as Event;
const all = (name: string, status?: ToldTest['status'], failures?: string[]): Event[] => [
  begin(name),
  did(name, status, failures),
  over(name),
];

test('each file is judged by its own tests, and an exit of 1 is explained by any failure', () => {
  const events = [
    plan('abc'),
    ...all('a'),
    ...all('b', 'failed', ['wrong']),
    ...all('c', 'passed', ['once']),
    end,
  ];
  expect(become('abc', events, one)).toMatchObject({
    a: { verdict: 'passed', tests: [{ name: 'shop › a', file: 'a' }] },
    b: { verdict: 'failed' },
    c: { verdict: 'passed', tests: [{ status: 'flaky', message: 'once' }] },
  });
});

test('failed tests are all that went wrong only where nothing failed beside them, and no test was left out', () => {
  const failed = all('a', 'failed', ['wrong']);
  const isComplete = (events: readonly Event[], end: RunEnd): unknown =>
    (become('a', events, end).a as AttemptResult).isComplete;
  const broken = failed.slice(0, -1);
  const error = { event: 'error', message: 'teardown' } as Event;
  expect(isComplete([plan('a'), ...failed, end], one)).toBe(true);
  expect(isComplete([plan('a'), ...broken, over('a', ['a hook failed']), end], one)).toBeUndefined();
  expect(isComplete([plan('a'), ...failed, error, end], one)).toBeUndefined();
  expect(isComplete([plan('a'), ...broken, end], one)).toBeUndefined();
  expect(isComplete([plan('a'), ...broken], one)).toBeUndefined();
  expect(isComplete([plan('a'), ...failed], dead)).toBeUndefined();
});

test('an exit that nothing explains fails the last file', () => {
  expect(become('ab', [plan('ab'), ...all('a'), ...all('b'), end], one)).toMatchObject({
    a: { verdict: 'passed' },
    b: { verdict: 'failed', error: expect.stringContaining('it exited with 1') },
  });
});

test('what got lost on the way may have been a failure', () => {
  const events = [plan('a'), begin('a'), did('a'), over('a'), end];
  const files = new Map([['/suite/a.js', new ToldFile('a')]]);
  const run = new ToldRun(files, {
    runs: () => undefined,
    output: () => undefined,
    installed: () => undefined,
    ended: () => undefined,
  });
  for (const [n, event] of events.entries()) run.take({ n: n > 1 ? n + 1 : n, ...event } as Told);
  expect(run.close(fine).get('a')).toMatchObject({ error_class: 'report_error' });
});

test('a file that ended in the middle did not pass, whatever the exit says', () => {
  expect(become('a', [plan('a'), begin('a'), did('a'), end], fine)).toMatchObject({
    a: { error_class: 'report_error' },
  });
  expect(become('ab', [plan('ab'), begin('a'), did('a')], dead)).toMatchObject({
    a: { error_class: 'infra_error' },
    b: 'again',
  });
});

test('a file without tests may be kept from having some, and alone it has none', () => {
  const events = [plan('a'), ...all('a'), end];
  expect(become('ab', events, fine)).toMatchObject({ a: { verdict: 'passed' }, b: 'alone' });
  expect(become('b', [end], fine)).toMatchObject({ b: { error_class: 'report_error' } });
});

test('an error while the files were loaded is that of the one that it names', () => {
  const error = { event: 'error', message: 'Error: half\n    at file:///suite/b.js?x=1:3:1' } as Event;
  expect(become('abc', [plan('ab'), ...all('a'), ...all('b'), error, end], one)).toMatchObject({
    a: { verdict: 'passed' },
    b: { verdict: 'failed', error: expect.stringContaining('Error: half') },
    c: 'again',
  });
  expect(become('abc', [plan('a'), ...all('a'), error, end], one)).toMatchObject({
    a: { verdict: 'passed' },
    b: { error_class: 'report_error', error: expect.stringContaining('no test ran: Error: half') },
    c: 'again',
  });
});

test('one that names none never passes the file that was loaded last', () => {
  const error = { event: 'error', message: 'SyntaxError' } as Event;
  expect(become('ab', [plan('a'), ...all('a'), error, end], one)).toMatchObject({
    a: { verdict: 'failed' },
    b: 'again',
  });
  expect(become('ab', [error, end], one)).toMatchObject({ a: 'alone', b: 'alone' });
  expect(become('a', [error, end], one)).toMatchObject({ a: { error_class: 'report_error' } });
});

test('a test that failed for want of its session is no failure, unless one failed before', () => {
  const lost = (name: string): Event =>
    ({ event: 'lost', file: `/suite/${name}.js`, message: 'gone' }) as Event;
  expect(
    become('a', [plan('a'), begin('a'), lost('a'), did('a', 'failed', ['x']), over('a'), end], one),
  ).toMatchObject({
    a: { error_class: 'infra_error', error: 'gone' },
  });
  const before = [plan('a'), begin('a'), did('a', 'failed', ['x']), lost('a'), over('a'), end];
  expect(become('a', before, one)).toMatchObject({ a: { verdict: 'failed' } });
});

test('where it could not begin, no file is to blame', () => {
  expect(become('ab', [{ event: 'end', error: 'no session' } as Event], one)).toMatchObject({
    a: { error_class: 'infra_error', error: 'no session' },
    b: { error_class: 'infra_error' },
  });
  expect(become('ab', [{ event: 'rejected', message: 'cucumber' } as Event], one)).toMatchObject({
    a: { error_class: 'rejected', error: 'cucumber' },
  });
});

test('a process that ends before all tests leaves each file to one of its own', () => {
  expect(become('ab', [], one)).toEqual({ a: 'alone', b: 'alone' });
  expect(become('a', [], one)).toMatchObject({
    a: { error_class: 'report_error', error: expect.stringContaining('last words') },
  });
  expect(become('a', [], dead)).toMatchObject({ a: { error_class: 'infra_error' } });
});
