import { expect, test } from 'vitest';
import { appVersionOf, strayCheckout } from './app-version.ts';
import type { Trigger } from './read-trigger.ts';

const [event, head, checkedOut] = ['1', '2', '3'].map((digit) => digit.repeat(40)) as [
  string,
  string,
  string,
];
const trigger = (eventName: string, headSha?: string): Trigger => ({
  ...{
    repository: 'acme/app',
    repositoryId: '1',
    prNumber: undefined,
    baseRef: undefined,
    ref: 'r',
    workflow: 'w',
    job: 'j',
  },
  ...{ runId: 1, runAttempt: 1, isReadOnly: false, step: 'qgjob', eventName, sha: event, headSha },
});
const checkout = (sha: string | undefined) => ({ sha, root: '/w', prefix: '' });

test.each([
  ['pull_request', head, event, head],
  ['pull_request', head, undefined, head],
  ['pull_request_review', head, event, head],
  ['pull_request_target', head, checkedOut, checkedOut],
  ['pull_request_target', head, undefined, event],
  ['push', undefined, event, event],
  ...[
    'workflow_dispatch',
    'workflow_run',
    'issue_comment',
    'schedule',
    'merge_group',
    'repository_dispatch',
  ].map((name) => [name, undefined, checkedOut, checkedOut] as const),
  ['workflow_dispatch', undefined, undefined, event],
] as const)('on %s with the head %s and %s checked out it is %s', (name, headSha, sha, version) => {
  expect(appVersionOf(trigger(name, headSha), checkout(sha))).toBe(version);
});

const stray = (name: string, headSha: string | undefined, sha: string | undefined, isVersionGiven = false) =>
  strayCheckout(trigger(name, headSha), checkout(sha), isVersionGiven);

test.each([
  ['pull_request', head, checkedOut],
  ['pull_request_review', head, checkedOut],
  ['pull_request_target', head, event],
  ['pull_request_target', head, undefined],
  ...['push', 'workflow_dispatch', 'workflow_run', 'issue_comment', 'schedule'].map(
    (name) => [name, undefined, checkedOut] as const,
  ),
  ['merge_group', head, checkedOut],
] as const)('on %s with the head %s, commit %s is of something else', (name, headSha, sha) => {
  for (const isVersionGiven of [false, true])
    expect(stray(name, headSha, sha, isVersionGiven)).toMatch(/no check run and no comment/);
});

test.each([
  ...[head, event, undefined].map((sha) => ['pull_request', head, sha] as const),
  ['pull_request_target', head, head],
  ...[event, undefined].map((sha) => ['push', undefined, sha] as const),
  ['merge_group', head, head],
] as const)('on %s with the head %s, commit %s is what it is about', (name, headSha, sha) => {
  expect(stray(name, headSha, sha)).toBeUndefined();
});

test('a default version that other code does not have is told, and outside of GitHub there is no commit to be about', () => {
  expect(stray('pull_request', head, checkedOut)).toMatch(/set app-version-id$/);
  expect(stray('pull_request', head, checkedOut, true)).not.toMatch(/app-version-id/);
  const elsewhere = { ...trigger('', undefined), sha: '' };
  expect(strayCheckout(elsewhere, checkout(checkedOut), false)).toBeUndefined();
});
