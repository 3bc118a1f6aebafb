import { expect, test, vi } from 'vitest';
import { parseCommands } from '../../test/support/action-commands.ts';
import { makeJob } from '../test-support/records.ts';
import { annotate, annotationPath, annotationsOf, type Repository } from './annotate.ts';

const own = 'tests/a.spec.ts';
const files = ['tests/a.spec.ts', 'tests/helper.ts', 'tests/b.spec.ts', 'other/a.spec.ts', 'src/sum.ts'];
/** A repository with these files, and the same again below `apps/mobile/`. */
const repository = (prefix: string): Repository => ({
  prefix,
  has: (path) => files.includes(path) || files.includes(path.replace(/^apps\/mobile\//, '')),
});

test.each([
  ['the path in the working directory', own, own],
  ['with a dot before', `./${own}`, own],
  ['with backslashes', 'tests\\a.spec.ts', own],
  ['the base name alone', 'a.spec.ts', own],
  ['another file', 'tests/helper.ts', 'tests/helper.ts'],
  ['another test of the same base name', 'other/a.spec.ts', 'other/a.spec.ts'],
  ['another of that name which is not there', 'away/a.spec.ts', undefined],
  ['a file that is not there', 'tests/sum.ts', undefined],
  ['the whole path on another host', '/srv/agent/workspace/tests/a.spec.ts', own],
  ['the whole path on a Windows host', 'C:\\agent\\tests\\a.spec.ts', own],
  ['the whole path of another file', 'C:\\agent\\tests\\b.spec.ts', undefined],
  ['a file of the host', '/etc/passwd', undefined],
  ['a way out', '../../etc/passwd', undefined],
  ['a way out by a detour', 'tests/../../x', undefined],
  ['two lines', 'tests/a\nb', undefined],
  ['nothing', '', undefined],
])('a report that names %s is annotated there, below any prefix', (_, file, path) => {
  for (const prefix of ['', 'apps/mobile/']) {
    expect(annotationPath(repository(prefix), file, own)).toBe(
      path === undefined ? undefined : prefix + path,
    );
  }
});

test.each([
  ['the path from the root', 'apps/mobile/tests/a.spec.ts', 'apps/mobile/tests/a.spec.ts'],
  ['that with backslashes', '.\\apps\\mobile\\tests\\a.spec.ts', 'apps/mobile/tests/a.spec.ts'],
  ['that on another host', '/home/ci/bundle/apps/mobile/tests/a.spec.ts', 'apps/mobile/tests/a.spec.ts'],
  ['an end of it', 'mobile/tests/a.spec.ts', 'apps/mobile/tests/a.spec.ts'],
  ['another file from the root', 'apps/mobile/tests/helper.ts', 'apps/mobile/tests/helper.ts'],
  ['another test of the same end, on another host', '/home/ci/other/a.spec.ts', undefined],
])('in a monorepo a report that names %s never gets the prefix twice', (_, file, path) => {
  expect(annotationPath(repository('apps/mobile/'), file, own)).toBe(path);
});

test('a file of the root is found where the working directory has none, and both at once are none', () => {
  const has = (path: string) => ['lib/x.ts', 'app/app/y.ts', 'app/y.ts'].includes(path);
  expect(annotationPath({ prefix: 'app/', has }, 'lib/x.ts', own)).toBe('lib/x.ts');
  expect(annotationPath({ prefix: 'app/', has }, 'app/y.ts', own)).toBeUndefined();
  expect(annotationPath({ prefix: 'app/', has }, 'y.ts', own)).toBe('app/y.ts');
});

test('a base name that is also the path of another file names neither', () => {
  const both: Repository = { prefix: '', has: (path) => ['a.spec.ts', own].includes(path) };
  expect(annotationPath(both, 'a.spec.ts', own)).toBeUndefined();
  expect(annotationPath(both, '/srv/tests/a.spec.ts', 'a.spec.ts')).toBeUndefined();
  expect(annotationPath(both, '/srv/ws/a.spec.ts', 'a.spec.ts')).toBe('a.spec.ts');
});

const none: Repository = { prefix: '', has: () => false };
const failed = (more: object) => ({ name: 'adds up', status: 'failed' as const, duration_ms: 1, ...more });

test('each failed test is marked at its line; one whose place is unknown at the test file', () => {
  const job = makeJob('tests/a.spec.ts', {
    status: 'failed',
    tests: [failed({ file: 'tests/a.spec.ts', line: 7, message: 'no\n##[error]x' }), failed({ line: 7 })],
  });
  const app: Repository = { prefix: 'app/', has: (path) => path === 'app/tests/a.spec.ts' };
  expect(annotationsOf(job, app)).toEqual([
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
  expect(annotationsOf(job, none)).toEqual([
    { title: 'a.sh errored on emulator', message: 'the device went offline', file: 'a.sh', line: undefined },
  ]);
});

test('jobs that passed or were cancelled are not marked', () => {
  expect(annotationsOf(makeJob('a'), none)).toEqual([]);
  expect(annotationsOf(makeJob('a', { status: 'cancelled' }), none)).toEqual([]);
});

test('no more than GitHub shows beside the step’s own error, and a note on the rest', () => {
  let log = '';
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    log += String(text);
    return true;
  });
  annotate(
    Array.from({ length: 12 }, (_, index) => makeJob(`${index}.sh`, { status: 'failed' })),
    none,
  );
  stdout.mockRestore();
  const commands = parseCommands(log);
  expect(commands.filter(({ name }) => name === 'error')).toHaveLength(9);
  expect(commands.at(-1)).toMatchObject({
    name: 'notice',
    data: '3 more failures are not annotated; the job summary has them',
  });
});
