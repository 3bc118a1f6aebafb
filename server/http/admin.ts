import { QgjobError } from '../../protocol/errors.ts';
import type { CreateToken } from '../../protocol/shapes/admin.ts';
import type { Principal } from '../auth/principal.ts';
import { mintToken } from '../auth/token-format.ts';
import { viewerOf } from '../calls/viewer-of.ts';
import {
  createOrg,
  describeToken,
  listOrgs,
  listTokens,
  patchOrg,
  revokeToken,
  storeToken,
} from '../queue/orgs/index.ts';
import { type Handlers, param } from './handler.ts';

type AdminRoutes =
  | 'createOrg'
  | 'listOrgs'
  | 'patchOrg'
  | 'createToken'
  | 'listTokens'
  | 'deleteToken'
  | 'whoami';

export const adminHandlers: Pick<Handlers, AdminRoutes> = {
  createOrg: ({ queue }, { body }) => createOrg(queue, body),

  listOrgs: ({ queue }, { query }) => listOrgs(queue, query),

  patchOrg: ({ queue }, call) => patchOrg(queue, param(call, 'id'), call.body, viewerOf(call.principal)),

  async createToken({ queue }, { principal, body }) {
    const checked = checkToken(principal, body);
    const minted = mintToken(kindOf(checked));
    const stored = await storeToken(queue, minted, checked);
    return {
      token_id: minted.id,
      token: minted.token,
      org_id: stored.org_id,
      scopes: stored.scopes,
      expires_at: stored.expires_at,
    };
  },

  whoami: ({ queue }, { principal }) => describeToken(queue, principal.tokenId),

  listTokens: ({ queue }, { principal, query }) =>
    listTokens(queue, query, viewerOf(principal, query.org_id)),

  async deleteToken({ queue, forgetToken }, call) {
    await revokeToken(queue, param(call, 'id'), viewerOf(call.principal));
    forgetToken(param(call, 'id'));
    return undefined;
  },
};

/** An admin makes tokens of its own org. Only the operator makes shared tokens: for agents, and for the metrics. */
function checkToken(principal: Principal, body: CreateToken): CreateToken {
  if (body.agent_names !== undefined && !body.scopes.includes('agent'))
    throw new QgjobError('invalid', 'agent_names: only a token with the scope agent is for agents');
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

function kindOf({ scopes }: CreateToken): string {
  if (scopes.includes('admin')) return 'adm';
  if (scopes.includes('submit')) return 'sub';
  return scopes.includes('agent') ? 'agt' : 'red';
}
