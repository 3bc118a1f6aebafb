import { expect, test, vi } from 'vitest';
import { parseCommands } from '../../test/support/action-commands.ts';
import { makeJob } from '../test-support/records.ts';
import { annotate, annotationsOf } from './annotate.ts';
import { annotationPath } from './annotation-path.ts';

test.each([
  ['', 'tests/a.spec.ts', 'tests/a.spec.ts'],
  ['apps/mobile/', 'tests/a.spec.ts', 'apps/mobile/tests/a.spec.ts'],
  ['apps/mobile/', './tests/helper.ts', 'apps/mobile/tests/helper.ts'],
  ['apps/mobile/', '/srv/agent/workspace/tests/a.spec.ts', 'apps/mobile/tests/a.spec.ts'],
  ['', 'C:\\agent\\tests\\a.spec.ts', 'tests/a.spec.ts'],
  ['', 'C:\\agent\\tests\\b.spec.ts', undefined],
  ['', '/etc/passwd', undefined],
  ['', '../../etc/passwd', undefined],
  ['', 'tests/../../x', undefined],
  ['', 'tests/a\nb', undefined],
  ['', '', undefined],
])('under %j the file %j of a report is %j in the repository', (prefix, file, path) => {
  expect(annotationPath(prefix, file, 'tests/a.spec.ts')).toBe(path);
});

const failed = (more: object) => ({ name: 'adds up', status: 'failed' as const, duration_ms: 1, ...more });

test('each failed test is marked at its line; one whose place is unknown at the test file', () => {
  const job = makeJob('tests/a.spec.ts', {
    status: 'failed',
    tests: [failed({ file: 'tests/a.spec.ts', line: 7, message: 'no\n##[error]x' }), failed({ line: 7 })],
  });
  expect(annotationsOf(job, 'app/')).toEqual([
    { title: 'adds up on emulator', message: 'no\n##\u200b[error]x', file: 'app/tests/a.spec.ts', line: 7 },
    {
      title: 'adds up on emulator',
      message: 'failed without a message',
      file: 'app/tests/a.spec.ts',
      line: undefined,
    },
  ]);
});

test('a job without a verdict is marked at its file with the reason', () => {
  const job = makeJob('a.sh', {
    status: 'errored',
    error: 'the device went offline',
    tests: [failed({ line: 3 })],
  });
  expect(annotationsOf(job, '')).toEqual([
    { title: 'a.sh errored on emulator', message: 'the device went offline', file: 'a.sh', line: undefined },
  ]);
});

test('jobs that passed or were cancelled are not marked', () => {
  expect(annotationsOf(makeJob('a'), '')).toEqual([]);
  expect(annotationsOf(makeJob('a', { status: 'cancelled' }), '')).toEqual([]);
});

test('no more than GitHub shows beside the step’s own error, and a note on the rest', () => {
  let log = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    log += String(text);
    return true;
  });
  annotate(
    Array.from({ length: 12 }, (_, index) => makeJob(`${index}.sh`, { status: 'failed' })),
    '',
  );
  stdout.mockRestore();
  const commands = parseCommands(log);
  expect(commands.filter(({ name }) => name === 'error')).toHaveLength(9);
  expect(commands.at(-1)).toMatchObject({
    name: 'notice',
    data: '3 more failures are not annotated; the job summary has them',
  });
});
