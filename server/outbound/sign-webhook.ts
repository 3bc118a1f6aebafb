import { createHmac } from 'node:crypto';

/** A webhook has a first secret, number 0, and another one after each rotation. */
export interface SecretOf {
  readonly id: string;
  /** Those that sign, newest first. */
  readonly secretNos: readonly number[];
}

/**
 * The secrets of webhooks, by Standard Webhooks. They are derived from the webhook's id, their number and a key of the
 * database, as the tokens of leases are: the same on every server, and none of them is stored.
 */
export class WebhookSecrets {
  readonly #key: Buffer;

  /** `key`: 32 random bytes, hex. */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'hex');
  }

  /** `whsec_` and 32 bytes in base64. */
  of(webhookId: string, no: number): string {
    return `whsec_${this.#bytes(webhookId, no).toString('base64')}`;
  }

  /** The headers of a message. `at`: when it is sent, epoch ms. A receiver takes it if one of the signatures is right. */
  headers(webhook: SecretOf, messageId: string, at: number, body: string): Record<string, string> {
    const seconds = Math.floor(at / 1000);
    const signed = `${messageId}.${seconds}.${body}`;
    const sign = (no: number): string =>
      `v1,${createHmac('sha256', this.#bytes(webhook.id, no)).update(signed).digest('base64')}`;
    return {
      'webhook-id': messageId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': webhook.secretNos.map(sign).join(' '),
    };
  }

  #bytes(webhookId: string, no: number): Buffer {
    const name = no === 0 ? webhookId : `${webhookId} ${no}`;
    return createHmac('sha256', this.#key).update(`webhook ${name}`).digest();
  }
}
