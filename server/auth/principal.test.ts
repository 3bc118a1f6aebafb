import { expect, test } from 'vitest';
import type { Scope } from '../../protocol/states.ts';
import { expandScopes, mayCall, type Principal, watcherOf } from './principal.ts';

const principal = (more: Partial<Principal> = {}): Principal => ({
  ...{ tokenId: 't1', rootId: 't1', orgId: 'acme', isOperator: false, scopes: new Set<Scope>(), ...more },
});
const demands = ['admin', 'submit', 'read', 'agent', 'any', 'own', 'operator', 'lease'] as const;
const mayBy = (caller: Principal): string[] => demands.filter((demand) => mayCall(caller, demand));

test.each<[Scope, string[]]>([
  ['admin', ['admin', 'submit', 'read', 'any', 'own']],
  ['submit', ['submit', 'read', 'any', 'own']],
  ['read', ['read', 'any', 'own']],
  ['agent', ['agent', 'any', 'own']],
])('a token with the scope %s may call what asks for %j', (scope, expected) => {
  expect(mayBy(principal({ scopes: expandScopes([scope]) }))).toEqual(expected);
});

test('the operator may call everything, the token of a lease what is for leases alone', () => {
  expect(mayBy(principal({ isOperator: true }))).toEqual(demands);
  expect(mayBy(principal({ leaseId: 'lease-1' }))).toEqual(['lease']);
  // A scope of this name makes no operator.
  expect(mayBy(principal({ scopes: new Set(['operator' as Scope]) }))).toEqual(['any', 'own']);
});

test('a run is watched by a token, or by every token of one attempt of a workflow', () => {
  const github = { repository_id: '4711', run_id: '900', run_attempt: 2 } as Principal['github'];
  expect(watcherOf(principal())).toBe('t1');
  expect(watcherOf(principal({ github }))).toBe('github 4711 900 2');
});
