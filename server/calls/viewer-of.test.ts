import { expect, test } from 'vitest';
import type { Principal } from '../auth/principal.ts';
import { checkOrg, demandOwn, needsToken, viewerOf } from './viewer-of.ts';

const principal = (more: Partial<Principal>): Principal => ({
  ...{ tokenId: 't1', rootId: 't1', orgId: 'acme', isOperator: false, scopes: new Set(['read' as const]) },
  ...more,
});
const operator = principal({ orgId: undefined, isOperator: true });

test('an org sees its own rows, a workflow those of its repository, the operator all or those of the org it names', () => {
  expect(viewerOf(principal({}))).toEqual({ orgId: 'acme' });
  expect(viewerOf(principal({}), 'acme')).toEqual({ orgId: 'acme' });
  const github = { repository_id: '4711' } as Principal['github'];
  expect(viewerOf(principal({ github }))).toEqual({ orgId: 'acme', repositoryId: '4711' });
  expect(viewerOf(operator)).toEqual({ orgId: undefined });
  expect(viewerOf(operator, 'acme')).toEqual({ orgId: 'acme' });
});

test('who is of no org, and no operator, sees the rows of none', () => {
  expect(viewerOf(principal({ orgId: undefined }))).toEqual({ orgId: '' });
});

test('another org than the own one is refused by name', () => {
  expect(() => viewerOf(principal({}), 'other')).toThrow(
    expect.objectContaining({ code: 'forbidden', message: 'this token is for acme, not for org other' }),
  );
  expect(() => checkOrg(principal({ orgId: undefined }), 'acme')).toThrow(
    'this token is for shared agents, not for org acme',
  );
});

test('what is of a token may be done by itself, by an admin and by the operator', () => {
  expect(() => demandOwn(principal({}), 't1')).not.toThrow();
  expect(() => demandOwn(principal({ scopes: new Set(['admin']) }), 't2')).not.toThrow();
  expect(() => demandOwn(operator, 't2')).not.toThrow();
  expect(() => demandOwn(principal({}), 't2')).toThrow(
    expect.objectContaining({
      code: 'forbidden',
      message: 'this call needs that token itself, or one with the scope admin',
    }),
  );
});

test.each([
  ['any', 'another token than that of a lease'],
  ['operator', "the operator's token"],
  ['lease', 'the token that came with the lease (`token`)'],
  ['submit', 'a token with the scope submit'],
] as const)('who may not call what asks for %s is told so', (scope, needed) => {
  expect(needsToken(scope)).toMatchObject({ code: 'forbidden', message: `this call needs ${needed}` });
});
