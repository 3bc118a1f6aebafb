import type { ServerConfig } from './config.ts';
import type { WebhookRules } from './http/handler.ts';
import { allowedAddresses } from './outbound/allowed-addresses.ts';
import { WebhookSecrets } from './outbound/sign-webhook.ts';
import { ensureKey } from './queue/orgs/index.ts';
import type { Deps } from './queue/store/deps.ts';

/** The secrets of webhooks, by a key of the database, and the receivers that the operator allows. */
export const openWebhooks = async (
  { webhook_allow: list = [] }: ServerConfig,
  deps: Pick<Deps, 'sql' | 'now'>,
): Promise<WebhookRules> => ({
  secrets: new WebhookSecrets(await ensureKey(deps, 'webhook_secrets')),
  allowed: allowedAddresses(list),
});
