import { createdToken, mintFor, planToken } from '../calls/plan-token.ts';
import { demandOwn, viewerOf } from '../calls/viewer-of.ts';
import {
  createOrg,
  describeToken,
  listOrgs,
  listTokens,
  patchOrg,
  revokeToken,
  rotateToken,
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
  | 'rotateToken'
  | 'whoami';

export const adminHandlers: Pick<Handlers, AdminRoutes> = {
  createOrg: ({ queue }, { body }) => createOrg(queue, body),

  listOrgs: ({ queue }, { query }) => listOrgs(queue, query),

  patchOrg: ({ queue }, call) => patchOrg(queue, param(call, 'id'), call.body, viewerOf(call.principal)),

  async createToken({ queue }, { principal, body }) {
    const planned = planToken(principal, body);
    return createdToken(planned.minted, await storeToken(queue, planned));
  },

  whoami: ({ queue }, { principal }) => describeToken(queue, principal.tokenId),

  listTokens: ({ queue }, { principal, query }) =>
    listTokens(queue, query, viewerOf(principal, query.org_id)),

  async deleteToken({ queue, forgetTokens }, call) {
    const id = param(call, 'id');
    demandOwn(call.principal, id);
    // A token may end itself, also a shared one, which sees no org.
    const viewer = call.principal.tokenId === id ? { orgId: undefined } : viewerOf(call.principal);
    forgetTokens(await revokeToken(queue, id, viewer));
    return undefined;
  },

  async rotateToken({ queue, forgetTokens, keepOperatorToken }, call) {
    const { principal, body } = call;
    const id = param(call, 'id');
    demandOwn(principal, id);
    const overlapMs = body.overlap_minutes * 60_000;
    const { minted, made } = await rotateToken(queue, {
      ...{ id, mint: mintFor, overlapMs, callerId: principal.tokenId, viewer: viewerOf(principal) },
    });
    if (made.scopes.includes('operator')) keepOperatorToken(id, minted.token);
    // At an overlap of 0 the old one has ended.
    if (body.overlap_minutes === 0) forgetTokens([id]);
    return createdToken(minted, made);
  },
};
