import { expect, test } from 'vitest';
import { Github } from '../../protocol/shapes/origin.ts';
import { describeGithub, legOf } from './describe-github.ts';
import type { Trigger } from './read-trigger.ts';

const merge = '1'.repeat(40);
const head = '2'.repeat(40);
const trigger: Trigger = {
  repository: 'acme/app',
  repositoryId: '4711',
  eventName: 'pull_request',
  sha: merge,
  headSha: head,
  prNumber: 7,
  baseRef: 'main',
  ref: 'refs/pull/7/merge',
  workflow: 'app tests',
  job: 'app-tests',
  runId: 99,
  runAttempt: 2,
  isReadOnly: false,
  step: 'qgjob',
};

test('a pull request is described by its head commit, as the protocol wants it', () => {
  const github = describeGithub(trigger, '{"os":"linux"}', ['emulator', 'device'], {
    ...{ id: '4712', name: 'one / app tests', template: 'app <target>' },
  });
  expect(github).toMatchObject({
    pr_number: 7,
    sha: head,
    base_ref: 'main',
    run_id: '99',
    run_attempt: 2,
    ...{ check_run_id: '4712', check_run_name: 'one / app tests' },
    check_name: 'qgjob (emulator, device)',
    ...{ leg_name: 'linux', step: 'qgjob', check_template: 'app <target>' },
  });
  expect(github?.leg).toMatch(/^[0-9a-f]{16}$/);
  expect(Github.parse(github)).toEqual(github);
});

test('what is too long is cut, so that the server takes it', () => {
  const long = 'x'.repeat(1000);
  const github = describeGithub(
    { ...trigger, workflow: long, ref: long, job: long, step: long },
    'null',
    Array(50).fill(long),
    { id: '', template: long },
  );
  expect(Github.safeParse(github).success).toBe(true);
  expect(github).not.toHaveProperty('leg');
});

test.each([
  ['no repository', { repository: '' }],
  ['no id of it', { repositoryId: '' }],
  ['an id that is none', { repositoryId: 'undefined' }],
  ['no commit', { sha: '', headSha: undefined }],
  ['no run id', { runId: Number.NaN }],
  ['no attempt', { runAttempt: Number.NaN }],
  ['no job', { job: '' }],
])('with %s nothing is described', (_, more) => {
  expect(describeGithub({ ...trigger, ...more }, 'null', ['emulator'])).toBeUndefined();
});

test('a merge group is described by its own commit and the branch that it goes to, under the same check', () => {
  const group = {
    ...{ ...trigger, eventName: 'merge_group', prNumber: undefined, baseRef: 'refs/heads/main' },
    ref: 'refs/heads/gh-readonly-queue/main/pr-7-abc',
  };
  const github = describeGithub(group, 'null', ['emulator']);
  expect(github).toMatchObject({ sha: head, base_ref: 'refs/heads/main', check_name: 'qgjob (emulator)' });
  expect(github).not.toHaveProperty('pr_number');
  expect(Github.parse(github)).toEqual(github);
});

test('a push has no pull request', () => {
  const push = { ...trigger, headSha: undefined, prNumber: undefined, baseRef: undefined };
  expect(describeGithub(push, 'null', ['emulator'])).toMatchObject({ sha: merge });
  expect(describeGithub(push, 'null', ['emulator'])).not.toHaveProperty('pr_number');
});

test('beside the commit of the event stands the one that is checked out', () => {
  const check = { id: '' };
  expect(describeGithub(trigger, 'null', ['emulator'], check)).not.toHaveProperty('code_sha');
  const github = describeGithub(trigger, 'null', ['emulator'], check, merge);
  expect(github).toMatchObject({ sha: head, code_sha: merge });
  expect(Github.parse(github)).toEqual(github);
});

test.each(['', 'null', '{}', ' null\n'])('the matrix %j is none', (matrix) => {
  expect(legOf(matrix)).toBeUndefined();
});

test('each leg of a matrix has its own id', () => {
  const legs = ['{"os":"linux"}', '{"os":"mac"}', '{"os":"linux"}'].map(legOf);
  expect(legs[0]).toBe(legs[2]);
  expect(new Set(legs).size).toBe(2);
});

test('a leg of a matrix is the same one on a runner with other line ends', () => {
  const text = '{\n  "os": "linux"\n}';
  expect(legOf(text.replaceAll('\n', '\r\n'))).toBe(legOf(text));
  expect(legOf('{\n  "os": "windows"\n}')).not.toBe(legOf(text));
});
