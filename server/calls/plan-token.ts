import { QgjobError } from '../../protocol/errors.ts';
import type { CreatedToken, CreateToken, Token } from '../../protocol/shapes/admin.ts';
import type { Principal } from '../auth/principal.ts';
import { type MintedToken, mintToken } from '../auth/token-format.ts';
import { viewerOf } from './viewer-of.ts';

/** A token that is not stored yet. */
export interface PlannedToken {
  readonly minted: MintedToken;
  readonly body: CreateToken;
  /** The caller's own. */
  readonly parentId: string;
}

/** The token that the caller asks for. Errors: `invalid`; `forbidden` for what the caller may not give away. */
export function planToken(principal: Principal, wanted: CreateToken): PlannedToken {
  const body = checkToken(principal, wanted);
  return { minted: mintFor(body.scopes), body, parentId: principal.tokenId };
}

/** The only answer that holds the token itself. */
export const createdToken = (minted: MintedToken, { org_id, scopes, expires_at }: Token): CreatedToken => ({
  ...{ token_id: minted.id, token: minted.token },
  ...{ org_id, scopes, expires_at },
});

/** An admin makes tokens of its own org, also for agents, which it may not be itself. Only the operator makes shared tokens: for agents, and for the metrics. */
function checkToken(principal: Principal, body: CreateToken): CreateToken {
  const ofAgents = (['agent_names', 'agent_targets'] as const).find((key) => body[key] !== undefined);
  if (ofAgents !== undefined && !body.scopes.includes('agent'))
    throw new QgjobError('invalid', `${ofAgents}: only a token with the scope agent is for agents`);
  const orgId = principal.isOperator ? body.org_id : (viewerOf(principal, body.org_id).orgId as string);
  if (body.shared) {
    if (!principal.isOperator)
      throw new QgjobError('forbidden', 'shared: only the operator makes shared tokens');
    if (orgId !== undefined)
      throw new QgjobError('invalid', 'shared: a shared token has no org_id; leave one of them out');
    // One that reads sees the metrics, and of no org any row.
    if (body.scopes.length !== 1 || !['agent', 'read'].includes(body.scopes[0] ?? '')) {
      throw new QgjobError(
        'invalid',
        'scopes: a shared token has the scope agent, or read for the metrics, alone',
      );
    }
    return body;
  }
  if (orgId === undefined)
    throw new QgjobError('invalid', 'org_id: name the org, or shared: true for a shared agent token');
  return { ...body, org_id: orgId };
}

/** A token whose text says what it may. */
export function mintFor(scopes: Token['scopes']): MintedToken {
  if (scopes.includes('operator')) return mintToken('op');
  if (scopes.includes('admin')) return mintToken('adm');
  if (scopes.includes('submit')) return mintToken('sub');
  return mintToken(scopes.includes('agent') ? 'agt' : 'red');
}
