import type { Checkout } from './read-checkout.ts';
import type { Trigger } from './read-trigger.ts';

/**
 * The app version when the workflow names none: the head commit of the pull request that started the workflow; for any
 * other event the commit that is checked out; without a git checkout the commit of the event. '' where there is none.
 */
export function appVersionOf(trigger: Trigger, { sha }: Checkout): string {
  const head = isOfPullRequest(trigger) ? trigger.headSha : undefined;
  return head ?? sha ?? trigger.sha;
}

/** Events whose own commit is the merge of a pull request, which nobody builds; not so pull_request_target. */
const isOfPullRequest = ({ eventName }: Trigger): boolean =>
  eventName.startsWith('pull_request') && eventName !== 'pull_request_target';

/**
 * A warning where the code is not that of the commit which check runs and comments are about: for a pull request its head
 * or its merge commit, else the commit of the event. Other code must not make them green. Without a git checkout it is
 * taken for that of the event. `isVersionGiven`: the workflow names its app version.
 */
export function strayCheckout(
  trigger: Trigger,
  { sha }: Checkout,
  isVersionGiven: boolean,
): string | undefined {
  const [about, code] = [trigger.headSha ?? trigger.sha, sha ?? trigger.sha];
  const isMerge = isOfPullRequest(trigger) && code === trigger.sha;
  if (about === '' || code === about || isMerge) return undefined;
  const isHead = trigger.headSha !== undefined;
  const whose = isHead ? `this pull request, whose head is ${about}` : `this event, which is about ${about}`;
  const version =
    isOfPullRequest(trigger) && isHead && !isVersionGiven
      ? '; the app version is that head: if that is not meant, set app-version-id'
      : '';
  return `commit ${code} is checked out, which is not of ${whose}: no check run and no comment are written${version}`;
}
