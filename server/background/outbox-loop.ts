import type { GithubApp } from '../github/github-app.ts';
import { dropOldReports, pruneOutbox } from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import { deliverGithub, type GithubOptions } from './deliver-github.ts';
import { deliverWebhook, type WebhookOptions } from './deliver-webhook.ts';
import { createLoop, type Loop } from './loop.ts';
import { OutboxSender } from './outbox-sender.ts';

const lookMs = 500;
const pruneEveryMs = 10 * 60_000;

/** Sends what waits in the outbox. Every server of a database runs it: a row is claimed by one of them. */
export function createOutboxLoop(
  deps: Deps,
  options: WebhookOptions & Pick<GithubOptions, 'log'> & { readonly app: GithubApp | undefined },
  onError: (error: unknown) => void,
): Loop {
  const { app, log } = options;
  // A server that has no App (any more) leaves the rows for one that has, and for itself with its settings mended.
  const deliver = {
    webhook: deliverWebhook(deps, options),
    ...(app && { github: deliverGithub(deps, { app, log }) }),
  };
  const sender = new OutboxSender(deps, { deliver, onError });
  let pruneAt = deps.now() + pruneEveryMs;
  const loop = createLoop({
    name: 'outbox',
    intervalMs: lookMs,
    now: deps.now,
    onError,
    async work() {
      if (deps.now() >= pruneAt) {
        pruneAt = deps.now() + pruneEveryMs;
        for (const { lane, n } of await pruneOutbox(deps))
          log.warn({ lane, n }, 'too much waited for one receiver: the oldest was dropped');
        if (!app) await dropUntold(deps, log);
      }
      await sender.pass();
    },
  });
  return {
    ...loop,
    async stop() {
      await loop.stop();
      await sender.stop();
    },
  };
}

/** Nobody has told GitHub for so long that nobody asks any more. */
async function dropUntold(deps: Deps, log: GithubOptions['log']): Promise<void> {
  const n = await dropOldReports(deps);
  if (n > 0)
    log.warn({ n }, 'reports for GitHub were given up: no server has had the GitHub App for three days');
}
