import { QgjobError } from '../../../protocol/errors.ts';
import type { Token } from '../../../protocol/shapes/admin.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { isLiveSql, rootSql } from '../store/live-token.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import type { Minted } from './sign-in.ts';
import { findToken, noToken, toToken } from './tokens.ts';

const operators = '["operator"]';

/** Which token is replaced, by what, and who does it. */
export interface Rotation<M extends Minted> {
  readonly id: string;
  /** Makes the new one. */
  readonly mint: (scopes: Token['scopes']) => M;
  /** So long the old one stays good beside the new one. */
  readonly overlapMs: number;
  /** The token of the call. */
  readonly callerId: string;
  readonly viewer: Viewer;
}

/**
 * Replaces a token by another one with the same name, org, scopes and agents; the old one ends after the overlap, or when it
 * would have ended before. The new one lives as long as the old one was to live, within the greatest age, the time of its
 * parent and, where another token replaces it or has last replaced one of its line, of that one. Its agents go over to it in the same write. Errors: `not_found`,
 * also for another org's token and for one that a workflow got; `conflict` where it has ended.
 */
export async function rotateToken<M extends Minted>(
  deps: Deps,
  { id, mint, overlapMs, callerId, viewer }: Rotation<M>,
): Promise<{ readonly minted: M; readonly made: Token }> {
  const old = await findToken(deps, id);
  if (id !== callerId && !maySee(viewer, old.orgId)) throw noToken(id);
  const minted = mint(JSON.parse(old.scopes));
  const now = deps.now();
  const [stored] = await deps.sql.write([
    successor({ id, minted, callerId }, now, deps.settings.maxTokenMs),
    {
      sql: `UPDATE tokens SET expires_at = min(coalesce(expires_at, ?3), ?3)
            WHERE id = ?1 AND EXISTS (SELECT 1 FROM tokens n WHERE n.id = ?2)`,
      args: [id, minted.id, now + overlapMs],
    },
    {
      sql: `UPDATE agents SET token_id = ?2 WHERE token_id = ?1 AND EXISTS (SELECT 1 FROM tokens n WHERE n.id = ?2)`,
      args: [id, minted.id],
    },
  ]);
  if (stored?.length !== 1)
    throw new QgjobError('conflict', `token ${id} has ended, and is not replaced: make a new one`);
  return { minted, made: toToken(await findToken(deps, minted.id)) };
}

interface Succession {
  readonly id: string;
  readonly minted: Minted;
  readonly callerId: string;
}

/**
 * The latest end of those tokens in the line of the parent that are not revoked (SQL): the parent may have been replaced
 * meanwhile. Where none is left, the old token's own end.
 */
const parentsEnd = `coalesce((SELECT max(coalesce(l.expires_at, 9007199254740991)) FROM tokens l
  WHERE (l.id = ${rootSql('o.parent_id')} OR l.root_id = ${rootSql('o.parent_id')}) AND l.revoked_at IS NULL), o.expires_at)`;

/**
 * The end of the last other token that has replaced one in the line of ?5, by a call of its own, or of its latest successor
 * (SQL): what got a secret by it ends with it, however often that replaces itself. Null where there is none.
 */
const rotatorsEnd = `(WITH RECURSIVE line (replaced, rotator) AS (
    SELECT t.replaces_id, t.rotated_by FROM tokens t WHERE t.id = ?5 UNION ALL
    SELECT t.replaces_id, t.rotated_by FROM line JOIN tokens t ON t.id = line.replaced WHERE line.rotator = line.replaced)
  SELECT max(coalesce(l.expires_at, 9007199254740991)) FROM line JOIN tokens f ON f.id = line.rotator
    JOIN tokens l ON l.id = f.id OR (l.root_id = coalesce(f.root_id, f.id) AND l.created_at >= f.created_at)
  WHERE line.rotator <> line.replaced AND l.revoked_at IS NULL)`;

function successor({ id, minted, callerId }: Succession, now: number, maxTokenMs: number): Statement {
  return {
    // The operator's own never ends, and only the first of them has the name that tells it from the others.
    sql: `INSERT INTO tokens (id, name, org_id, scopes, shared, agent_names, agent_targets, agent_name, hash, created_at,
              expires_at, parent_id, root_id, replaces_id, rotated_by)
          SELECT ?1, iif(o.scopes = '${operators}', 'operator, rotated', o.name), o.org_id, o.scopes, o.shared, o.agent_names, o.agent_targets,
              o.agent_name, ?2, ?3,
              CASE WHEN o.scopes = '${operators}' THEN NULL ELSE min(?3 + ?4, ?3 + coalesce(o.expires_at - o.created_at, ?4),
                iif(o.parent_id IS NULL, ?3 + ?4, ${parentsEnd}), coalesce(iif(c.id = o.id, ${rotatorsEnd}, c.expires_at), ?3 + ?4)) END,
              o.parent_id, coalesce(o.root_id, o.id), o.id, c.id
          FROM tokens o CROSS JOIN tokens c
          WHERE o.id = ?5 AND c.id = ?6 AND ${isLiveSql('o', '?3')} AND ${isLiveSql('c', '?3')} RETURNING id`,
    args: [minted.id, minted.hash, now, maxTokenMs, id, callerId],
  };
}
