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

/** A warning where the default version is that of a pull request, but another commit is checked out. */
export function strayCheckout(trigger: Trigger, { sha }: Checkout): string | undefined {
  const { headSha } = trigger;
  if (!isOfPullRequest(trigger) || headSha === undefined || sha === undefined) return undefined;
  if (sha === headSha || sha === trigger.sha) return undefined;
  return `commit ${sha} is checked out, which is not of this pull request, and the app version is its head, ${headSha}; if that is not meant, set app-version-id`;
}
