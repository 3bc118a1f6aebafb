import { createHmac } from 'node:crypto';

/**
 * The secrets of webhooks, by Standard Webhooks. They are derived from the webhook's id and a key of the database, as the
 * tokens of leases are: the same on every server, and none of them is stored.
 */
export class WebhookSecrets {
  readonly #key: Buffer;

  /** `key`: 32 random bytes, hex. */
  constructor(key: string) {
    this.#key = Buffer.from(key, 'hex');
  }

  /** `whsec_` and 32 bytes in base64. */
  of(webhookId: string): string {
    return `whsec_${this.#bytes(webhookId).toString('base64')}`;
  }

  /** The headers of a message. `at`: when it is sent, epoch ms. */
  headers(webhookId: string, messageId: string, at: number, body: string): Record<string, string> {
    const seconds = Math.floor(at / 1000);
    const mac = createHmac('sha256', this.#bytes(webhookId)).update(`${messageId}.${seconds}.${body}`);
    return {
      'webhook-id': messageId,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${mac.digest('base64')}`,
    };
  }

  #bytes(webhookId: string): Buffer {
    return createHmac('sha256', this.#key).update(`webhook ${webhookId}`).digest();
  }
}
