// Orgs and tokens: what other rooms and the callers of the queue may use of this room.
export { describeToken } from './describe-token.ts';
export { ensureKey } from './ensure-key.ts';
export { listBindings, setBindings } from './github-bindings.ts';
export { createOrg, findOrg, listOrgs, patchOrg } from './orgs.ts';
export { storeRecoveredToken } from './recover-token.ts';
export { signIn } from './sign-in.ts';
export {
  findLiveToken,
  hasOperatorToken,
  listTokens,
  readToken,
  revokeToken,
  storeOperatorToken,
  storeToken,
  touchToken,
} from './tokens.ts';
