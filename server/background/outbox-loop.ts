import { pruneOutbox } from '../queue/outbox/index.ts';
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
  options: WebhookOptions & GithubOptions,
  onError: (error: unknown) => void,
): Loop {
  const deliver = { webhook: deliverWebhook(deps, options), github: deliverGithub(deps, options) };
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
          options.log.warn({ lane, n }, 'too much waited for one receiver: the oldest was dropped');
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
