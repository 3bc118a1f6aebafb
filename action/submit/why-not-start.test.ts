import { expect, test } from 'vitest';
import type { Trigger } from './read-trigger.ts';
import { whyNotStart } from './why-not-start.ts';

const why = (eventName: string, { isReadOnly = false, isStray = false } = {}): string | undefined =>
  whyNotStart({ eventName, isReadOnly } as Trigger, isStray);

test.each(['push', 'pull_request', 'merge_group', 'schedule', 'workflow_dispatch'])(
  'a program of the checkout is started on %s, unless it is other code or that of a fork',
  (event) => {
    expect(why(event)).toBeUndefined();
    expect(why(event, { isReadOnly: true })).toContain('a fork or Dependabot');
    expect(why(event, { isStray: true })).toContain('not the code that the workflow is about');
  },
);

test.each(['pull_request_target', 'workflow_run', 'issue_comment', 'an event of later years', ''])(
  'none is started on "%s", also where the checkout is the head of the pull request',
  (event) => {
    expect(why(event)).toContain("the checkout may be anyone's code");
  },
);
