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

test('a checkout that is not of the pull request gets a warning', () => {
  expect(strayCheckout(trigger('pull_request', head), checkout(checkedOut))).toMatch(
    /is not of this pull request/,
  );
  for (const sha of [head, event, undefined]) {
    expect(strayCheckout(trigger('pull_request', head), checkout(sha))).toBeUndefined();
  }
  expect(strayCheckout(trigger('workflow_dispatch'), checkout(checkedOut))).toBeUndefined();
  expect(strayCheckout(trigger('pull_request_target', head), checkout(checkedOut))).toBeUndefined();
});
