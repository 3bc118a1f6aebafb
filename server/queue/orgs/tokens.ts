import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Token } from '../../../protocol/shapes/admin.ts';
import { and, asc, eq, gt, isNull } from '../../db/drizzle.ts';
import { tokens } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import type { TokenRow } from '../store/rows.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import type { Minted } from './sign-in.ts';

/** Stores the one operator token of a database; false when there is one already. */
export async function storeOperatorToken(deps: Deps, minted: Minted): Promise<boolean> {
  const [made] = await deps.sql.write([
    {
      sql: `INSERT INTO tokens (id, name, scopes, hash, created_at) VALUES (?, 'operator', '["operator"]', ?, ?)
            ON CONFLICT DO NOTHING RETURNING id`,
      args: [minted.id, minted.hash, deps.now()],
    },
  ]);
  return made?.length === 1;
}

export async function hasOperatorToken(deps: Deps): Promise<boolean> {
  const rows = await deps.sql.read(
    `SELECT 1 FROM tokens WHERE scopes = '["operator"]' AND revoked_at IS NULL LIMIT 1`,
  );
  return rows.length > 0;
}

export async function listTokens(deps: Deps, query: { limit?: number; cursor?: string }, viewer: Viewer) {
  const limit = query.limit ?? limits.pageSize;
  const found = await deps.db
    .select()
    .from(tokens)
    .where(
      and(
        gt(tokens.id, query.cursor ?? ''),
        isNull(tokens.revokedAt),
        viewer.orgId === undefined ? undefined : eq(tokens.orgId, viewer.orgId),
      ),
    )
    .orderBy(asc(tokens.id))
    .limit(limit + 1);
  const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
  return { tokens: rows.map(toToken), next_cursor: nextCursor };
}

/** A token without its secret, also one that was revoked; undefined for another org's, and where there is none. */
export async function readToken(deps: Deps, id: string, viewer: Viewer): Promise<Token | undefined> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  return row && maySee(viewer, row.orgId) ? toToken(row) : undefined;
}

/** Errors: `not_found`. */
export async function findToken(deps: Deps, id: string): Promise<TokenRow> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  if (!row) throw noToken(id);
  return row;
}

export const noToken = (id: string) => new QgjobError('not_found', `no token ${id}`);

export const toToken = (row: TokenRow): Token => ({
  token_id: row.id,
  name: row.name,
  org_id: row.orgId,
  scopes: JSON.parse(row.scopes),
  shared: row.shared === 1,
  agent_names: row.agentNames ?? row.agentName,
  agent_targets: row.agentTargets === null ? null : JSON.parse(row.agentTargets),
  parent_id: row.parentId,
  replaces_id: row.replacesId,
  created_at: toInstant(row.createdAt),
  expires_at: toInstantOrNull(row.expiresAt),
  last_used_at: toInstantOrNull(row.lastUsedAt),
});
