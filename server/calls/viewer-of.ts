import { QgjobError } from '../../protocol/errors.ts';
import type { Scope } from '../../protocol/states.ts';
import { mayCall, type Principal } from '../auth/principal.ts';
import type { Viewer } from '../queue/store/viewer.ts';

/** Whose rows the caller sees. Errors: `forbidden` for a filter by another org than the token's. */
export function viewerOf(principal: Principal, wantedOrg?: string): Viewer {
  if (principal.isOperator) return { orgId: wantedOrg };
  checkOrg(principal, wantedOrg);
  const { orgId = '', github } = principal;
  return { orgId, ...(github && { repositoryId: github.repository_id }) };
}

/** Errors: `forbidden` where the caller names another org than the token's. */
export function checkOrg(principal: Principal, wantedOrg: string | undefined): void {
  if (wantedOrg !== undefined && wantedOrg !== principal.orgId) {
    throw new QgjobError(
      'forbidden',
      `this token is for ${principal.orgId ?? 'shared agents'}, not for org ${wantedOrg}`,
    );
  }
}

/** Refuses who is neither the token itself, nor an admin's, nor the operator. Errors: `forbidden`. */
export function demandOwn(principal: Principal, tokenId: string): void {
  if (principal.tokenId !== tokenId && !mayCall(principal, 'admin')) throw needsToken('own');
}

const neededTokens = {
  any: 'another token than that of a lease',
  operator: "the operator's token",
  own: 'that token itself, or one with the scope admin',
  lease: 'the token that came with the lease (`token`)',
};

/** `forbidden`, in words about the token that the call needs. */
export const needsToken = (scope: Scope | keyof typeof neededTokens): QgjobError => {
  const needed =
    scope in neededTokens
      ? neededTokens[scope as keyof typeof neededTokens]
      : `a token with the scope ${scope}`;
  return new QgjobError('forbidden', `this call needs ${needed}`);
};
