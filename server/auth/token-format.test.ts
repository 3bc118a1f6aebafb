import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checksum, matchesHash, mintToken, parseToken } from './token-format.ts';

test('a token is found by its id and known by its secret, of which only the digest is kept', () => {
  const minted = mintToken('sub');
  expect(minted.token).toMatch(/^qgj_sub_[0-9a-f]{24}_[0-9a-f]{72}$/);
  const parts = parseToken(minted.token);
  expect(parts?.id).toBe(minted.id);
  expect(matchesHash(parts?.secret ?? '', minted.hash)).toBe(true);
  expect(minted.token).not.toContain(minted.hash);
  expect(matchesHash(mintToken('sub').token.slice(33, 97), minted.hash)).toBe(false);
});

test('two tokens have nothing in common', () => {
  const [one, other] = [mintToken('sub'), mintToken('sub')];
  expect(one.id).not.toBe(other.id);
  expect(one.hash).not.toBe(other.hash);
});

test('a token with any character changed is refused by its checksum or its form', () => {
  const { token } = mintToken('agt');
  const change = fc.tuple(fc.nat(token.length - 1), fc.constantFrom(...'abcdef0123456789_Aé\n'));
  fc.assert(
    fc.property(change, ([at, char]) => {
      fc.pre(token[at] !== char);
      expect(parseToken(token.slice(0, at) + char + token.slice(at + 1))).toBeUndefined();
    }),
  );
});

test.each(['', 'x', 'qgj_', 'qgj_sub_1_2', `qgj_SUB_${'0'.repeat(24)}_${'0'.repeat(72)}`])(
  '"%s" is no token',
  (text) => {
    expect(parseToken(text)).toBeUndefined();
  },
);

test('a text that only holds a token is none, whatever its checksum', () => {
  const { token } = mintToken('sub');
  for (const body of [`x${token.slice(0, -8)}`, `${token}_`])
    expect(parseToken(body + checksum(body))).toBeUndefined();
});

test('a checksum has eight digits, also where it begins with zeros', () => {
  expect(checksum('')).toBe('00000000');
  expect(checksum('123456789')).toBe('cbf43926');
});

test('a digest of another form matches no secret', () => {
  const { token } = mintToken('sub');
  const secret = parseToken(token)?.secret ?? '';
  expect(() => matchesHash(secret, '')).toThrow();
});
