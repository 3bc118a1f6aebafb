import { createHmac } from 'node:crypto';

/** A webhook has a first secret, whose nonce is '', and another one after each rotation. */
export interface Signers {
  readonly id: string;
  /** Of those that sign, newest first. */
  readonly nonces: readonly string[];
}

/**
 * The secrets of webhooks, by Standard Webhooks. They are derived from the webhook's id, a nonce and a key of the
 * database, as the tokens of leases are: the same on every server, and none of them is stored.
 */
export class WebhookSecrets {
  readonly #key: Buffer;

  /** `key`: 32 random bytes, hex. */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'hex');
  }

  /** `whsec_` and 32 bytes in base64. */
  of(webhookId: string, nonce: string): string {
    return `whsec_${this.#bytes(webhookId, nonce).toString('base64')}`;
  }

  /** The headers of a message. `at`: when it is sent, epoch ms. A receiver takes it if one of the signatures is right. */
  headers(webhook: Signers, messageId: string, at: number, body: string): Record<string, string> {
    const seconds = Math.floor(at / 1000);
    const signed = `${messageId}.${seconds}.${body}`;
    const sign = (nonce: string): string =>
      `v1,${createHmac('sha256', this.#bytes(webhook.id, nonce)).update(signed).digest('base64')}`;
    return {
      'webhook-id': messageId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': webhook.nonces.map(sign).join(' '),
    };
  }

  #bytes(webhookId: string, nonce: string): Buffer {
    const name = nonce === '' ? webhookId : `${webhookId} ${nonce}`;
    return createHmac('sha256', this.#key).update(`webhook ${name}`).digest();
  }
}
