import type { ActorKind } from '../../protocol/audit-actions.ts';
import type { Principal } from '../auth/principal.ts';
import type { Actor } from '../queue/store/audit-line.ts';

/** Where a call comes from. */
export interface Origin {
  readonly address: string;
  readonly requestId: string;
  /** It came by the cookie of a browser. */
  readonly isSession?: boolean;
}

/** Who makes a call, as the audit log names it. Without a principal: a stranger. */
export const actorOf = (
  principal: Principal | undefined,
  { address, requestId, isSession = false }: Origin,
): Actor => ({
  kind: isSession ? 'session' : kindOf(principal),
  tokenId: principal?.tokenId ?? '',
  address,
  requestId,
});

function kindOf(principal: Principal | undefined): ActorKind {
  if (!principal) return 'stranger';
  if (principal.isOperator) return 'operator';
  if (principal.leaseId !== undefined) return 'lease';
  if (principal.github) return 'github';
  return [...principal.scopes].every((scope) => scope === 'agent') ? 'agent' : 'token';
}
