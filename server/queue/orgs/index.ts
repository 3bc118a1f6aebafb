// Orgs and tokens: what other rooms and the callers of the queue may use of this room.
export { listBindings, setBindings } from './github-bindings.ts';
export { ensureLeaseKey } from './lease-key.ts';
export { createOrg, listOrgs, patchOrg } from './orgs.ts';
export { signIn } from './sign-in.ts';
export {
  findLiveToken,
  hasOperatorToken,
  listTokens,
  revokeToken,
  storeOperatorToken,
  storeToken,
  touchToken,
} from './tokens.ts';
