import type { Trigger } from './read-trigger.ts';

/** Events whose code comes from those who may write to the repository, but for pull requests of forks. */
const trusted = new Set([
  ...[
    'push',
    'pull_request',
    'merge_group',
    'schedule',
    'workflow_dispatch',
    'repository_dispatch',
    'release',
  ],
]);

/**
 * Why no program of the checkout is started by the step; undefined where it may be. Such a program runs as the step's own
 * user, and could read from the step's process the tokens that it is not given: they must not reach whoever may not write
 * to the repository. `isStray`: other code is checked out than the event is about.
 */
export function whyNotStart({ eventName, isReadOnly }: Trigger, isStray: boolean): string | undefined {
  if (isStray) return 'this checkout is not the code that the workflow is about';
  if (isReadOnly) return 'a fork or Dependabot chose the code of this checkout';
  return trusted.has(eventName)
    ? undefined
    : `on ${eventName || 'this event'} the checkout may be anyone's code`;
}
