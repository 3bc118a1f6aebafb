import type { Allowed } from '../outbound/allowed-addresses.ts';
import { type OutsideAnswer, type OutsideCall, postOutside } from '../outbound/post-outside.ts';
import type { WebhookSecrets } from '../outbound/sign-webhook.ts';
import {
  type Claimed,
  type Failure,
  findWebhook,
  type Receiver,
  settleFailed,
  settleSent,
  webhookMessage,
  webhookOf,
} from '../queue/outbox/index.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { Deliver } from './outbox-sender.ts';

export interface OutboxLog {
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
}

export interface WebhookOptions {
  readonly secrets: WebhookSecrets;
  readonly allowed: Allowed;
  readonly version: string;
  readonly log: OutboxLog;
  readonly resolve?: OutsideCall['resolve'];
}

/** A receiver takes an event and works on it later. */
const timeoutMs = 5000;

/** Sends events to webhooks as Standard Webhooks has it. */
export const deliverWebhook =
  (deps: Deps, options: WebhookOptions): Deliver =>
  async (row, signal) => {
    const id = webhookOf(row.lane) ?? '';
    const webhook = await findWebhook(deps, id);
    const message = webhook && !webhook.isOff ? await webhookMessage(deps, row) : undefined;
    if (!webhook || !message) {
      await settleSent(deps, row, id, false);
      return true;
    }
    const failure = await post(deps, row, webhook, JSON.stringify(message), options, signal);
    if (signal.aborted) return false;
    if (failure === undefined) {
      await settleSent(deps, row, id);
      return true;
    }
    const settled = await settleFailed(deps, row, id, failure);
    const seen = { webhook_id: id, org_id: row.orgId, message_id: row.id, event: row.kind, tries: row.tries };
    if (settled.isOff)
      options.log.warn({ ...seen, why: failure.error }, 'a webhook was switched off: it failed for too long');
    else if (settled.isGivenUp)
      options.log.warn({ ...seen, why: failure.error }, 'an event for a webhook was given up');
    else options.log.info({ ...seen, why: failure.error }, 'a webhook did not take an event');
    return false;
  };

/** Undefined: the receiver has it. */
async function post(
  deps: Deps,
  row: Claimed,
  webhook: Receiver,
  body: string,
  { secrets, allowed, version, resolve }: WebhookOptions,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  const headers = {
    'content-type': 'application/json',
    'user-agent': `qgjob/${version}`,
    ...secrets.headers(webhook, row.id, deps.now(), body),
  };
  try {
    return failureOf(
      await postOutside({ url: webhook.url, headers, body, allowed, timeoutMs, signal, resolve }),
    );
  } catch (error) {
    return { error: (error as Error).message };
  }
}

function failureOf({ status, askedMs }: OutsideAnswer): Failure | undefined {
  if (status >= 200 && status < 300) return undefined;
  const words = status >= 300 && status < 400 ? 'a redirect, which is not followed' : 'no success';
  return {
    error: `it answered ${status}: ${words}`,
    ...(askedMs !== undefined && { askedMs }),
    isGone: status === 410,
  };
}
