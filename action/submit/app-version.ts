import type { Checkout } from './read-checkout.ts';
import type { Trigger } from './read-trigger.ts';

/**
 * The commit whose app is tested when the workflow names no version: the head of the pull request, where that is what
 * started the workflow; else what is checked out, which a workflow of another event may have chosen itself; without a
 * git checkout the commit of the event. '' where there is none.
 */
export function appVersionOf(trigger: Trigger, { sha }: Checkout): string {
  const head = isOfPullRequest(trigger) ? trigger.headSha : undefined;
  return head ?? sha ?? trigger.sha;
}

/** Events whose own commit is the merge of a pull request: nobody builds that one. For pull_request_target it is the base. */
const isOfPullRequest = ({ eventName }: Trigger): boolean =>
  eventName.startsWith('pull_request') && eventName !== 'pull_request_target';

/** What to say where the version is by default that of a pull request, but something else is checked out. */
export function strayCheckout(trigger: Trigger, { sha }: Checkout): string | undefined {
  const { headSha } = trigger;
  if (!isOfPullRequest(trigger) || headSha === undefined || sha === undefined) return undefined;
  if (sha === headSha || sha === trigger.sha) return undefined;
  return `commit ${sha} is checked out, which is not of this pull request, and the app version is its head, ${headSha}; if that is not meant, set app-version-id`;
}
