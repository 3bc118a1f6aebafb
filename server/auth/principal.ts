import type { GithubFacts } from '../../protocol/github.ts';
import type { Scope } from '../../protocol/states.ts';

/** Who calls. The org of a call comes from here, and never from the body alone. */
export interface Principal {
  /** '' for the token of a lease. */
  readonly tokenId: string;
  /** The first of the tokens that replace each other, of which it is one. */
  readonly rootId: string;
  /** Undefined for the operator, for shared agents and for leases. */
  readonly orgId: string | undefined;
  readonly isOperator: boolean;
  readonly scopes: ReadonlySet<Scope>;
  /** The lease whose own token this is: it may make the calls of that lease, and no other. */
  readonly leaseId?: string;
  /** Whose share the calls of that lease are of; it lets nobody see the org. Undefined where the lease is gone. */
  readonly leaseOrgId?: string | undefined;
  /** What GitHub proves about the workflow whose token this is: it goes before whatever a body says. */
  readonly github?: GithubFacts;
}

const includes: Record<Scope, readonly Scope[]> = {
  admin: ['admin', 'submit', 'read'],
  submit: ['submit', 'read'],
  read: ['read'],
  agent: ['agent'],
};

/** All scopes that these granted ones include. */
export const expandScopes = (granted: readonly Scope[]): Set<Scope> =>
  new Set(granted.flatMap((scope) => includes[scope]));

export function mayCall(principal: Principal, scope: Scope | 'any' | 'own' | 'operator' | 'lease'): boolean {
  if (principal.isOperator) return true;
  if (scope === 'lease') return principal.leaseId !== undefined;
  // Whether it is the token itself is seen by who knows the path.
  if (scope === 'any' || scope === 'own') return principal.leaseId === undefined;
  return scope !== 'operator' && principal.scopes.has(scope);
}

/** Who waits for a run: a token, or every token of the same attempt of a workflow, since they are renewed. */
export const watcherOf = ({ tokenId, github }: Principal): string =>
  github ? `github ${github.repository_id} ${github.run_id} ${github.run_attempt}` : tokenId;
