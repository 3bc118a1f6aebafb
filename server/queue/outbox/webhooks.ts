import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CreateWebhook, Webhook, WebhookPageQuery } from '../../../protocol/shapes/webhook.ts';
import type { Deps } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { toPage } from '../store/page.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { oldUntil, signingNonces, withNewSecret } from './webhook-secrets.ts';

/**
 * Adds a webhook of an org; events from now on go there. Errors: `not_found` for an unknown org, `conflict` where the org
 * has as many as it may.
 */
export async function createWebhook(deps: Deps, orgId: string, body: CreateWebhook): Promise<Webhook> {
  const id = newId('webhook');
  const [made = []] = await deps.sql.write([
    {
      sql: `INSERT INTO webhooks (id, org_id, url, events, created_at)
            SELECT ?1, o.id, ?3, ?4, ?5 FROM orgs o
            WHERE o.id = ?2 AND (SELECT count(*) FROM webhooks w WHERE w.org_id = o.id) < ?6
            RETURNING *`,
      args: [
        ...[id, orgId, body.url, JSON.stringify([...new Set(body.events)])],
        ...[deps.now(), limits.webhooksPerOrg],
      ],
    },
  ]);
  const [row] = made;
  if (row) return toWebhook(row, deps.now());
  const [org] = await deps.sql.read('SELECT 1 FROM orgs WHERE id = ?', [orgId]);
  if (!org) throw new QgjobError('not_found', `no org ${orgId}`);
  throw new QgjobError(
    'conflict',
    `an org has at most ${limits.webhooksPerOrg} webhooks: delete one that nobody needs`,
  );
}

/** Gives a webhook another secret. Errors: `not_found`, also for another org's; `conflict` where somebody else does it now. */
export async function rotateWebhook(deps: Deps, id: string, overlapMs: number, viewer: Viewer) {
  const now = deps.now();
  const [row] = await deps.sql.read('SELECT * FROM webhooks WHERE id = ?', [id]);
  if (!row || !maySee(viewer, String(row.org_id))) throw noWebhook(id);
  const [rotated = []] = await deps.sql.write([
    {
      sql: 'UPDATE webhooks SET secrets = ?2 WHERE id = ?1 AND secrets IS ?3 RETURNING *',
      args: [id, withNewSecret(row, overlapMs, now), row.secrets ?? null],
    },
  ]);
  const [changed] = rotated;
  if (!changed)
    throw new QgjobError('conflict', `webhook ${id} was changed at this moment: look at it, and try again`);
  return { webhook: toWebhook(changed, now), nonce: signingNonces(changed, now)[0] ?? '' };
}

export async function listWebhooks(deps: Deps, query: WebhookPageQuery, viewer: Viewer) {
  const limit = query.limit ?? limits.pageSize;
  const found = await deps.sql.read(
    'SELECT * FROM webhooks WHERE id > ?1 AND (?2 IS NULL OR org_id = ?2) ORDER BY id LIMIT ?3',
    [query.cursor ?? '', viewer.orgId ?? null, limit + 1],
  );
  const { rows, nextCursor } = toPage(found, limit, ({ id }) => String(id));
  return { webhooks: rows.map((row) => toWebhook(row, deps.now())), next_cursor: nextCursor };
}

/** Deletes a webhook, with what it has not been told. Errors: `not_found`, also for another org's. */
export async function deleteWebhook(deps: Deps, id: string, viewer: Viewer): Promise<void> {
  const row = await findWebhook(deps, id);
  if (!row || !maySee(viewer, row.orgId)) throw noWebhook(id);
  await deps.sql.write([
    { sql: 'DELETE FROM webhooks WHERE id = ?', args: [id] },
    { sql: 'DELETE FROM outbox WHERE lane = ?', args: [laneOf(id)] },
  ]);
}

const noWebhook = (id: string): QgjobError => new QgjobError('not_found', `no webhook ${id}`);

/** A webhook as it is delivered to. */
export interface Receiver {
  readonly id: string;
  readonly orgId: string;
  readonly url: string;
  readonly isOff: boolean;
  /** Of the secrets that sign at this moment, newest first. */
  readonly nonces: readonly string[];
}

/** Undefined: it was deleted. */
export async function findWebhook(deps: Deps, id: string): Promise<Receiver | undefined> {
  const [row] = await deps.sql.read('SELECT * FROM webhooks WHERE id = ?', [id]);
  return (
    row && {
      ...{ id: String(row.id), orgId: String(row.org_id), url: String(row.url), isOff: row.off_at !== null },
      nonces: signingNonces(row, deps.now()),
    }
  );
}

const lanePrefix = 'webhook:';
export const laneOf = (webhookId: string): string => `${lanePrefix}${webhookId}`;
/** The webhook of a lane; undefined for a lane of something else. */
export const webhookOf = (lane: string): string | undefined =>
  lane.startsWith(lanePrefix) ? lane.slice(lanePrefix.length) : undefined;

function toWebhook(row: Row, now: number): Webhook {
  const status = row.off_at !== null ? 'off' : row.failing_since !== null ? 'failing' : 'active';
  return {
    webhook_id: String(row.id),
    org_id: String(row.org_id),
    url: String(row.url),
    events: JSON.parse(String(row.events)),
    status,
    status_reason: status === 'active' ? null : String(row.last_error ?? ''),
    failing_since: toInstantOrNull(row.failing_since as number | null),
    last_sent_at: toInstantOrNull(row.last_sent_at as number | null),
    dropped: Number(row.dropped),
    old_secret_until: toInstantOrNull(oldUntil(row, now)),
    created_at: toInstant(Number(row.created_at)),
  };
}
