import { expect, test } from 'vitest';
import { checkOwner, maySee } from './viewer.ts';

const acme = { orgId: 'acme' };
const operator = { orgId: undefined };

test('an org sees what is its own, the operator everything', () => {
  expect([maySee(acme, 'acme'), maySee(acme, 'other'), maySee(acme, null)]).toEqual([true, false, false]);
  expect([maySee(operator, 'acme'), maySee(operator, null)]).toEqual([true, true]);
});

test('what is of another org is not there, what is shared is switched by the operator alone', () => {
  expect(() => checkOwner('acme', acme, 'device d1')).not.toThrow();
  expect(() => checkOwner('', operator, 'device d1')).not.toThrow();
  expect(() => checkOwner('other', acme, 'device d1')).toThrow(
    expect.objectContaining({ code: 'not_found', message: 'no device d1' }),
  );
  expect(() => checkOwner('', acme, 'device d1')).toThrow(
    expect.objectContaining({
      code: 'forbidden',
      message: 'device d1 is shared between orgs: only the operator switches it',
    }),
  );
});
