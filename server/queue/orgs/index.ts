// Orgs and tokens. All that other rooms and the callers of the queue may use of this room.
export { createOrg, listOrgs } from './orgs.ts';
export { patchOrg } from './patch-org.ts';
export {
  findLiveToken,
  hasOperatorToken,
  listTokens,
  revokeToken,
  storeOperatorToken,
  storeToken,
  touchToken,
} from './tokens.ts';
