import { QgjobError } from '../../../protocol/errors.ts';
import type { CreateToken, Token } from '../../../protocol/shapes/admin.ts';
import type { Deps } from '../store/deps.ts';
import { isLiveSql } from '../store/live-token.ts';
import { findOrg } from './orgs.ts';
import type { Minted } from './sign-in.ts';
import { findToken, toToken } from './tokens.ts';

const dayMs = 86_400_000;
const defaultDays = 90;

/** A token to be stored. */
export interface NewToken {
  readonly minted: Minted;
  readonly body: CreateToken;
  /** The token by which it is made. */
  readonly parentId: string;
}

/**
 * Stores a minted token. It ends when it was asked for, with its parent, or at the greatest age that a token may have,
 * whichever is first. The store looks whether the parent is live: another server may have revoked it a moment ago. Errors:
 * `not_found` for an unknown org; `unauthorized` where the parent has ended.
 */
export async function storeToken(deps: Deps, { minted, body, parentId }: NewToken): Promise<Token> {
  if (body.org_id !== undefined) await findOrg(deps, body.org_id);
  const now = deps.now();
  const asked = (body.expires_in_days ?? defaultDays) * dayMs;
  const [stored] = await deps.sql.write([
    {
      sql: `INSERT INTO tokens (id, name, org_id, scopes, shared, agent_names, hash, created_at, expires_at, parent_id, agent_targets)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, min(?9, coalesce(p.expires_at, ?9)), p.id, ?11
            FROM tokens p WHERE p.id = ?10 AND ${isLiveSql('p', '?8')} RETURNING id`,
      args: [
        ...[minted.id, body.name, body.org_id ?? null, JSON.stringify([...new Set(body.scopes)])],
        ...[body.shared ? 1 : 0, body.agent_names ?? null, minted.hash, now],
        ...[now + Math.min(asked, deps.settings.maxTokenMs), parentId],
        body.agent_targets ? JSON.stringify([...new Set(body.agent_targets)].sort()) : null,
      ],
    },
  ]);
  if (stored?.length !== 1) throw tokenEnded();
  return toToken(await findToken(deps, minted.id));
}

export const tokenEnded = (): QgjobError =>
  new QgjobError('unauthorized', 'the token of this call has ended since it was looked at');
