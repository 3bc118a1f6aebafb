import { createdToken, planToken } from '../calls/plan-token.ts';
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
    const planned = planToken(principal, body);
    return createdToken(planned, await storeToken(queue, planned.minted, planned.body));
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
