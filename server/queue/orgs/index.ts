// Orgs and tokens: what other rooms and the callers of the queue may use of this room.
export { describeToken } from './describe-token.ts';
export { ensureKey } from './ensure-key.ts';
export { listBindings, setBindings } from './github-bindings.ts';
export { findLiveIds, findLiveToken, touchToken } from './live-tokens.ts';
export { createOrg, findOrg, listOrgs, patchOrg } from './orgs.ts';
export { storeRecoveredToken } from './recover-token.ts';
export { revokeToken } from './revoke-token.ts';
export { rotateToken } from './rotate-token.ts';
export { signIn } from './sign-in.ts';
export { storeToken } from './store-token.ts';
export { hasOperatorToken, listTokens, readToken, storeOperatorToken } from './tokens.ts';
export { endSession, endSessionsOf, findSession, storeSession, type WebSession } from './web-sessions.ts';
