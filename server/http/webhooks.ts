import { viewerOf } from '../calls/viewer-of.ts';
import { checkReceiver } from '../outbound/check-receiver.ts';
import { createWebhook, deleteWebhook, listWebhooks } from '../queue/outbox/index.ts';
import { type Handlers, orgOf, param } from './handler.ts';

export const webhookHandlers: Pick<Handlers, 'createWebhook' | 'listWebhooks' | 'deleteWebhook'> = {
  async createWebhook({ queue, webhooks }, { principal, body }) {
    const orgId = orgOf(principal, body.org_id);
    checkReceiver(body.url, webhooks.allowed);
    const made = await createWebhook(queue, orgId, body);
    return { ...made, secret: webhooks.secrets.of(made.webhook_id) };
  },

  listWebhooks: ({ queue }, { principal, query }) =>
    listWebhooks(queue, query, viewerOf(principal, query.org_id)),

  async deleteWebhook({ queue }, call) {
    await deleteWebhook(queue, param(call, 'id'), viewerOf(call.principal));
    return undefined;
  },
};
