import { viewerOf } from '../calls/viewer-of.ts';
import { checkReceiver } from '../outbound/check-receiver.ts';
import { createWebhook, deleteWebhook, listWebhooks, rotateWebhook } from '../queue/outbox/index.ts';
import { type Handlers, orgOf, param } from './handler.ts';

type Name = 'createWebhook' | 'listWebhooks' | 'rotateWebhook' | 'deleteWebhook';

export const webhookHandlers: Pick<Handlers, Name> = {
  async createWebhook({ queue, webhooks }, { principal, body }) {
    const orgId = orgOf(principal, body.org_id);
    checkReceiver(body.url, webhooks.allowed);
    const made = await createWebhook(queue, orgId, body);
    return { ...made, secret: webhooks.secrets.of(made.webhook_id, '') };
  },

  listWebhooks: ({ queue }, { principal, query }) =>
    listWebhooks(queue, query, viewerOf(principal, query.org_id)),

  async rotateWebhook({ queue, webhooks }, call) {
    const id = param(call, 'id');
    const overlapMs = call.body.overlap_minutes * 60_000;
    const { webhook, nonce } = await rotateWebhook(queue, id, overlapMs, viewerOf(call.principal));
    return { ...webhook, secret: webhooks.secrets.of(id, nonce) };
  },

  async deleteWebhook({ queue }, call) {
    await deleteWebhook(queue, param(call, 'id'), viewerOf(call.principal));
    return undefined;
  },
};
