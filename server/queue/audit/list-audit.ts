import type { Row } from '@libsql/client';
import { limits } from '../../../protocol/limits.ts';
import type { AuditEntry, AuditFilters, AuditList } from '../../../protocol/shapes/audit.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import { toInstant } from '../store/to-wire.ts';
import type { Viewer } from '../store/viewer.ts';

/** Which lines, without where the page begins and how long it is. */
export type WhichLines = Partial<Omit<AuditFilters, 'limit' | 'cursor' | 'org_id'>>;

/** So far the clocks of several servers may be apart, and a commit may take, in ms. */
const apartMs = 5 * 60_000;

/**
 * A page of the lines that the viewer may see, newest first: those of the org, or all. SEARCH audit USING INDEX, the one of
 * the filter, or by the numbers alone: all of them give the newest line first, so that a page reads little more than it has.
 */
export async function listAudit(
  deps: Deps,
  filters: WhichLines & Pick<AuditFilters, 'limit' | 'cursor'>,
  viewer: Viewer,
): Promise<AuditList> {
  const limit = filters.limit ?? limits.pageSize;
  const conditions = conditionsOf(filters, viewer);
  const where = conditions.length === 0 ? '' : `WHERE ${conditions.map(([sql]) => sql).join(' AND ')}`;
  const found = await deps.sql.read(
    `SELECT seq, at, org_id, actor_kind, token_id, actor_name, address, action, target_kind, target_id, request_id, detail
     FROM audit ${where} ORDER BY seq DESC LIMIT ?`,
    [...conditions.flatMap(([, args]) => args), limit + 1],
  );
  const { rows, nextCursor } = toPage(found, limit, ({ seq }) => String(seq));
  return { entries: rows.map(toEntry), next_cursor: nextCursor };
}

/** The same, page by page to the end. */
export async function* auditPages(
  deps: Deps,
  which: WhichLines,
  viewer: Viewer,
): AsyncGenerator<readonly AuditEntry[]> {
  let cursor: string | undefined;
  do {
    const page = await listAudit(deps, { ...which, cursor, limit: limits.maxPageSize }, viewer);
    if (page.entries.length > 0) yield page.entries;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

type Condition = readonly [sql: string, args: readonly (string | number)[]];

function conditionsOf(
  filters: WhichLines & Pick<AuditFilters, 'cursor'>,
  { orgId }: Viewer,
): readonly Condition[] {
  const { action, token_id: token, target, since, until, cursor } = filters;
  return [
    ...(orgId === undefined ? [] : [['org_id = ?', [orgId]] as const]),
    ...(action === undefined ? [] : [['action = ?', [action]] as const]),
    ...(token === undefined ? [] : [['token_id = ?', [token]] as const]),
    ...(target === undefined ? [] : [['target_id = ?', [target]] as const]),
    ...(cursor === undefined ? [] : [['seq < ?', [Number(cursor)]] as const]),
    ...(since === undefined ? [] : [from(Date.parse(since))]),
    ...(until === undefined ? [] : [before(Date.parse(until))]),
  ];
}

// Instants rise with the numbers, but for what clocks are apart: so the numbers bound what is read, and the `+` keeps SQLite
// from reading by instants, which it would have to sort.
const from = (at: number): Condition => [
  '+at >= ? AND seq >= (SELECT l.seq FROM audit l WHERE l.at >= ? ORDER BY l.at LIMIT 1)',
  [at, at - apartMs],
];
const before = (at: number): Condition => [
  '+at < ? AND seq <= (SELECT l.seq FROM audit l WHERE l.at <= ? ORDER BY l.at DESC LIMIT 1)',
  [at, at + apartMs],
];

const toEntry = (row: Row): AuditEntry => ({
  seq: Number(row.seq),
  at: toInstant(Number(row.at)),
  org_id: row.org_id === null ? null : String(row.org_id),
  actor_kind: String(row.actor_kind) as AuditEntry['actor_kind'],
  token_id: String(row.token_id),
  actor_name: String(row.actor_name),
  address: String(row.address),
  action: String(row.action),
  target_kind: String(row.target_kind),
  target_id: String(row.target_id),
  request_id: String(row.request_id),
  detail: JSON.parse(String(row.detail)),
});
