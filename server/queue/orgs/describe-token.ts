import { QgjobError } from '../../../protocol/errors.ts';
import type { Whoami } from '../../../protocol/shapes/admin.ts';
import { eq } from '../../db/drizzle.ts';
import { tokens } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toInstantOrNull } from '../store/to-wire.ts';
import { findLiveSignIn } from './sign-in.ts';

/** What the caller's own token is. Errors: `unauthorized` where it has ended since it was looked at. */
export async function describeToken(deps: Deps, id: string): Promise<Whoami> {
  const [row] = await deps.db.select().from(tokens).where(eq(tokens.id, id));
  if (!row) return describeSignIn(deps, id);
  return {
    token_id: row.id,
    name: row.name,
    org_id: row.orgId,
    scopes: JSON.parse(row.scopes),
    shared: row.shared === 1,
    repository: null,
    agent_names: row.agentNames ?? row.agentName,
    agent_targets: row.agentTargets === null ? null : JSON.parse(row.agentTargets),
    parent_id: row.parentId,
    expires_at: toInstantOrNull(row.expiresAt),
    last_used_at: toInstantOrNull(row.lastUsedAt),
  };
}

async function describeSignIn(deps: Deps, id: string): Promise<Whoami> {
  const row = await findLiveSignIn(deps, id);
  if (!row) throw new QgjobError('unauthorized', 'this token has ended');
  const { repository } = JSON.parse(row.facts) as { repository: string };
  return {
    token_id: row.id,
    name: 'GitHub OIDC',
    org_id: row.orgId,
    scopes: JSON.parse(row.scopes),
    shared: false,
    repository,
    agent_names: null,
    agent_targets: null,
    parent_id: null,
    expires_at: toInstantOrNull(row.expiresAt),
    last_used_at: toInstantOrNull(row.lastUsedAt),
  };
}
