import type { Scope } from '../../protocol/states.ts';

/** Who calls. The org of a call comes from here, and never from the body alone. */
export interface Principal {
  readonly tokenId: string;
  /** Undefined for the operator and for shared agents. */
  readonly orgId: string | undefined;
  readonly isOperator: boolean;
  readonly scopes: ReadonlySet<Scope>;
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

export function mayCall(principal: Principal, scope: Scope | 'operator'): boolean {
  if (principal.isOperator) return true;
  return scope !== 'operator' && principal.scopes.has(scope);
}
