import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CreateToken, Token } from '../../../protocol/shapes/admin.ts';
import { and, asc, eq, gt, isNull } from '../../db/drizzle.ts';
import { tokens } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import type { TokenRow } from '../store/rows.ts';
import { toInstant, toInstantOrNull } from '../store/to-wire.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { findOrg } from './orgs.ts';
import { findLiveSignIn, type Minted, revokeSignIn } from './sign-in.ts';

const dayMs = 86_400_000;
const defaultDays = 90;

/** Stores a minted token. Errors: `not_found` for an unknown org. */
export async function storeToken(deps: Deps, minted: Minted, body: CreateToken): Promise<Token> {
  if (body.org_id !== undefined) await findOrg(deps, body.org_id);
  const now = deps.now();
  await deps.sql.write([
    {
      sql: `INSERT INTO tokens (id, name, org_id, scopes, shared, agent_names, hash, created_at, expires_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      args: [
        minted.id,
        body.name,
        body.org_id ?? null,
        JSON.stringify([...new Set(body.scopes)]),
        body.shared ? 1 : 0,
        body.agent_names ?? null,
        minted.hash,
        now,
        now + (body.expires_in_days ?? defaultDays) * dayMs,
      ],
    },
  ]);
  return toToken(await findToken(deps, minted.id));
}

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

/** A token that may be used. `facts`: of one that a workflow got by GitHub's OIDC, what GitHub proves (JSON). */
export interface LiveToken extends Pick<TokenRow, 'id' | 'orgId' | 'scopes' | 'hash' | 'expiresAt'> {
  readonly facts?: string;
}

/** The token with this public id; undefined when there is none, or when it was revoked or has expired. */
export async function findLiveToken(deps: Deps, id: string): Promise<LiveToken | undefined> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  if (!row) return findLiveSignIn(deps, id);
  const isLive = row.revokedAt === null && (row.expiresAt === null || row.expiresAt > deps.now());
  return isLive ? row : undefined;
}

export async function touchToken(deps: Deps, id: string): Promise<void> {
  await deps.sql.write([{ sql: 'UPDATE tokens SET last_used_at = ? WHERE id = ?', args: [deps.now(), id] }]);
}

/** Also of one that a workflow got. Errors: `not_found`, also for another org's token; `conflict` for the operator's. */
export async function revokeToken(deps: Deps, id: string, viewer: Viewer): Promise<void> {
  if (await revokeSignIn(deps, id, viewer)) return;
  const row = await findToken(deps, id);
  if (!maySee(viewer, row.orgId)) throw noToken(id);
  if (row.orgId === null && row.shared === 0) {
    throw new QgjobError(
      'conflict',
      'the operator token is not revoked here; `qgjob tokens recover` replaces it',
    );
  }
  await deps.sql.write([
    { sql: 'UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?', args: [deps.now(), id] },
  ]);
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

async function findToken(deps: Deps, id: string): Promise<TokenRow> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  if (!row) throw noToken(id);
  return row;
}

const noToken = (id: string) => new QgjobError('not_found', `no token ${id}`);

const toToken = (row: TokenRow): Token => ({
  token_id: row.id,
  name: row.name,
  org_id: row.orgId,
  scopes: JSON.parse(row.scopes),
  shared: row.shared === 1,
  agent_names: row.agentNames ?? row.agentName,
  created_at: toInstant(row.createdAt),
  expires_at: toInstantOrNull(row.expiresAt),
  last_used_at: toInstantOrNull(row.lastUsedAt),
});
