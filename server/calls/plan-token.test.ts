import { expect, test } from 'vitest';
import type { CreateToken } from '../../protocol/shapes/admin.ts';
import type { Principal } from '../auth/principal.ts';
import { createdToken, mintFor, planToken } from './plan-token.ts';

const operator = {
  tokenId: 'op1',
  orgId: undefined,
  isOperator: true,
  scopes: new Set(),
} as unknown as Principal;
const admin = {
  ...{ tokenId: 'adm1', orgId: 'acme', isOperator: false, scopes: new Set(['admin', 'submit', 'read']) },
} as unknown as Principal;
const body = (more: Partial<CreateToken>): CreateToken => ({ name: 'n', scopes: ['read'], ...more });

test.each<[string, Principal, Partial<CreateToken>, Partial<CreateToken>]>([
  ['an admin one of its own org', admin, {}, { org_id: 'acme' }],
  ['an admin one of its own org by name', admin, { org_id: 'acme' }, { org_id: 'acme' }],
  [
    'an admin one for agents of a name',
    admin,
    { scopes: ['agent'], agent_names: 'lab-*' },
    { org_id: 'acme' },
  ],
  ['the operator one of any org', operator, { org_id: 'other' }, { org_id: 'other' }],
  ['the operator a shared one for agents', operator, { shared: true, scopes: ['agent'] }, {}],
  ['the operator a shared one for the metrics', operator, { shared: true, scopes: ['read'] }, {}],
])('%s may make', (_who, caller, wanted, more) => {
  const planned = planToken(caller, body(wanted));
  expect(planned).toMatchObject({ body: body({ ...wanted, ...more }), parentId: caller.tokenId });
  expect(planned.body.org_id).toBe(more.org_id);
});

const sharedScopes = 'scopes: a shared token has the scope agent, or read for the metrics, alone';
test.each<[string, Principal, Partial<CreateToken>, string, string]>([
  [
    'another org than its own',
    admin,
    { org_id: 'other' },
    'forbidden',
    'this token is for acme, not for org other',
  ],
  [
    'a shared one by an admin',
    admin,
    { shared: true },
    'forbidden',
    'shared: only the operator makes shared tokens',
  ],
  [
    'names of agents without agents',
    admin,
    { agent_names: 'lab-*' },
    'invalid',
    'agent_names: only a token with the scope agent is for agents',
  ],
  [
    'targets of agents without agents',
    admin,
    { agent_targets: ['pixel'] },
    'invalid',
    'agent_targets: only a token with the scope agent is for agents',
  ],
  [
    'a shared one of an org',
    operator,
    { shared: true, org_id: 'acme', scopes: ['agent'] },
    'invalid',
    'shared: a shared token has no org_id; leave one of them out',
  ],
  ['a shared one that submits', operator, { shared: true, scopes: ['submit'] }, 'invalid', sharedScopes],
  [
    'a shared one of two scopes',
    operator,
    { shared: true, scopes: ['agent', 'read'] },
    'invalid',
    sharedScopes,
  ],
  ['a shared one without a scope', operator, { shared: true, scopes: [] }, 'invalid', sharedScopes],
  [
    'one of no org by the operator',
    operator,
    {},
    'invalid',
    'org_id: name the org, or shared: true for a shared agent token',
  ],
])('%s is refused', (_what, caller, wanted, code, message) => {
  expect(() => planToken(caller, body(wanted))).toThrow(expect.objectContaining({ code, message }));
});

test.each<[Parameters<typeof mintFor>[0], string]>([
  [['operator'], 'op'],
  [['read', 'admin'], 'adm'],
  [['read', 'submit'], 'sub'],
  [['agent'], 'agt'],
  [['read'], 'red'],
])('a token with the scopes %j says %s of itself', (scopes, kind) => {
  expect(mintFor(scopes).token).toMatch(new RegExp(`^qgj_${kind}_`));
});

test('the answer to who makes a token holds it, and not its digest', () => {
  const minted = mintFor(['read']);
  const stored = { token_id: minted.id, name: 'n', org_id: 'acme', scopes: ['read'], expires_at: null };
  expect(createdToken(minted, stored as Parameters<typeof createdToken>[1])).toEqual({
    ...{ token_id: minted.id, token: minted.token, org_id: 'acme', scopes: ['read'], expires_at: null },
  });
});
