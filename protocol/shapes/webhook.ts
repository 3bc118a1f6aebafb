import * as z from 'zod';
import { webhookEvents, webhookStatuses } from '../states.ts';
import { TokenPageQuery } from './admin.ts';
import { Instant, NextCursor, OrgId, Target } from './common.ts';
import { Job } from './job.ts';
import { Quarantine } from './quarantine.ts';
import { Run } from './run.ts';

const urlLength = 2000;

export const CreateWebhook = z.strictObject({
  url: z
    .url({ protocol: /^https?$/, error: 'must be an address like https://ci.example.com/hooks/qgjob' })
    .max(urlLength)
    .describe('Where events are sent by POST; https, unless the operator listed the receiver'),
  events: z.array(z.enum(webhookEvents)).min(1, 'name at least one event').max(webhookEvents.length),
  org_id: OrgId.optional().describe('Required with the operator token; otherwise the token says it'),
});
export type CreateWebhook = z.infer<typeof CreateWebhook>;

export const Webhook = z.object({
  webhook_id: z.string(),
  org_id: OrgId,
  url: z.string(),
  events: z.array(z.enum(webhookEvents)),
  status: z.enum(webhookStatuses).describe('off: it failed for three days, and gets nothing any more'),
  status_reason: z.string().nullable().describe('Of one that is failing or off: the last error'),
  failing_since: Instant.nullable(),
  last_sent_at: Instant.nullable(),
  dropped: z.int().describe('Events that were given up'),
  old_secret_until: Instant.nullable().describe(
    'After a rotation: until then the secrets before it sign too; null where none does',
  ),
  created_at: Instant,
});
export type Webhook = z.infer<typeof Webhook>;

/** The only answers that hold the secret: of a new webhook, and of a rotation. */
export const CreatedWebhook = Webhook.extend({
  secret: z.string().describe('Verifies the signatures; it is shown once'),
});

export const RotateWebhook = z.strictObject({
  overlap_minutes: z
    .int()
    .min(0)
    .max(7 * 24 * 60)
    .default(24 * 60)
    .describe('So long the old secret signs beside the new one'),
});
export type RotateWebhook = z.infer<typeof RotateWebhook>;

export const WebhookPageQuery = TokenPageQuery;
export type WebhookPageQuery = z.infer<typeof WebhookPageQuery>;
export const WebhookList = z.object({ webhooks: z.array(Webhook), next_cursor: NextCursor });

const BenchedDevice = z.object({
  device_id: z.string(),
  agent_id: z.string(),
  name: z.string(),
  target: Target,
  reason: z.string(),
  until: Instant.nullable().describe('Null: until somebody resumes it, or its agent finds nothing any more'),
});

const advice = z
  .string()
  .nullable()
  .describe('What its last hunt suggests, in words; null where it has ended or none had a verdict');

const message = <K extends string, T extends z.ZodRawShape>(type: K, data: T) =>
  z.object({ type: z.literal(type), timestamp: Instant, data: z.object(data) });

/** The body of what a webhook is sent. */
export const WebhookMessage = z.discriminatedUnion('type', [
  message('run.finished', { run: Run }),
  message('job.finished', { job: Job }),
  message('device.benched', { device: BenchedDevice }),
  message('quarantine.hunted', { quarantine: Quarantine, advice }),
  message('quarantine.ends', { quarantine: Quarantine, advice }),
]);
export type WebhookMessage = z.infer<typeof WebhookMessage>;
