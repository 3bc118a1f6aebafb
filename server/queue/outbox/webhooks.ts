import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CreateWebhook, Webhook, WebhookPageQuery } from '../../../protocol/shapes/webhook.ts';
import type { Deps } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { toPage } from '../store/page.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';

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

/** Only so many secrets sign beside the newest one, however often it is replaced. */
const mostOld = 3;

/**
 * Gives a webhook another secret. Those that signed until now do so for the overlap, also where they had been replaced
 * themselves: an answer that was lost must not end the secret that a receiver has. Errors: `not_found`, also for another
 * org's.
 */
export async function rotateWebhook(deps: Deps, id: string, overlapMs: number, viewer: Viewer) {
  const [rotated = []] = await deps.sql.write([
    {
      sql: `UPDATE webhooks SET secret_no = secret_no + 1, old_until = ?2 + ?3,
              old_secret_no = iif(old_until > ?2, max(old_secret_no, secret_no + 1 - ?4), secret_no)
            WHERE id = ?1 AND (?5 IS NULL OR org_id = ?5) RETURNING *`,
      args: [id, deps.now(), overlapMs, mostOld, viewer.orgId ?? null],
    },
  ]);
  const [row] = rotated;
  if (!row) throw noWebhook(id);
  return { webhook: toWebhook(row, deps.now()), secretNo: Number(row.secret_no) };
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
  /** The secrets that sign at this moment, newest first. */
  readonly secretNos: readonly number[];
}

/** Undefined: it was deleted. */
export async function findWebhook(deps: Deps, id: string): Promise<Receiver | undefined> {
  const [row] = await deps.sql.read('SELECT * FROM webhooks WHERE id = ?', [id]);
  return (
    row && {
      ...{ id: String(row.id), orgId: String(row.org_id), url: String(row.url), isOff: row.off_at !== null },
      secretNos: signingNos(row, deps.now()),
    }
  );
}

function signingNos(row: Row, now: number): number[] {
  const newest = Number(row.secret_no);
  const oldest = Number(row.old_until) > now ? Number(row.old_secret_no) : newest;
  return Array.from({ length: newest - oldest + 1 }, (_, n) => newest - n);
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
    old_secret_until: Number(row.old_until) > now ? toInstant(Number(row.old_until)) : null,
    created_at: toInstant(Number(row.created_at)),
  };
}
