import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Redactor, redactText } from './redactor.ts';
import { collectSecrets, secretPatterns } from './secrets.ts';

/** Cuts a text at these places and passes it through piece by piece. */
function streamed(patterns: readonly string[], text: string, cuts: readonly number[]): string {
  const redactor = new Redactor(patterns);
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  const parts = edges.slice(1).map((edge, index) => redactor.write(text.slice(edges[index], edge)));
  return parts.join('') + redactor.end();
}

// Few letters, so that secrets overlap each other and themselves.
const letters = fc.constantFrom('a', 'b', 'c');
const secret = fc.string({ unit: letters, minLength: 6, maxLength: 12 });
const piece = (secrets: readonly string[]) =>
  fc.oneof(
    fc.string({ unit: letters, maxLength: 8 }),
    fc.constantFrom(...secrets),
    fc.constantFrom('\n', 'é', 'x'),
  );
const scene = fc.uniqueArray(secret, { minLength: 1, maxLength: 4 }).chain((secrets) =>
  fc.record({
    secrets: fc.constant(secrets),
    text: fc.array(piece(secrets), { maxLength: 20 }).map((parts) => parts.join('')),
    cuts: fc.array(fc.nat(), { maxLength: 12 }),
  }),
);

test('wherever a log is cut into writes, no secret comes through and the result is the same', () => {
  fc.assert(
    fc.property(scene, ({ secrets, text, cuts }) => {
      const patterns = secretPatterns(secrets);
      const bytes = Buffer.from(text, 'utf8').toString('latin1');
      const seen = streamed(patterns, bytes, cuts);
      expect(Buffer.from(seen, 'latin1').toString('utf8')).toBe(redactText(patterns, text));
      for (const one of secrets) expect(seen).not.toContain(one);
    }),
    { numRuns: 2000 },
  );
});

test('wherever a secret stands in a base64 text, none of its own characters come through', () => {
  fc.assert(
    fc.property(
      fc.string({ minLength: 8, maxLength: 40 }).filter((text) => !/[\r\n]/.test(text)),
      fc.string({ maxLength: 7 }),
      fc.string({ maxLength: 7 }),
      fc.constantFrom('base64' as const, 'base64url' as const),
      (value, before, after, encoding) => {
        const text = Buffer.from(before + value + after).toString(encoding);
        const masked = redactText(secretPatterns([value]), text);
        const decoded = Buffer.from(masked.replace(/\[redacted\].*/, ''), encoding).toString('latin1');
        expect(masked).toContain('[redacted]');
        expect(decoded.length).toBeLessThanOrEqual(Buffer.byteLength(before) + 1);
      },
    ),
  );
});

test('what is no secret comes through byte by byte', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
      const text = Buffer.from(bytes).toString('latin1');
      expect(streamed(secretPatterns(['not in there at all']), text, cuts)).toBe(text);
    }),
  );
});

test('only what may become a secret is held back', () => {
  const redactor = new Redactor(['secret']);
  expect(redactor.write('hello sec')).toBe('hello ');
  expect(redactor.write('ond')).toBe('second');
  expect(redactor.write('secr')).toBe('');
  expect(redactor.end()).toBe('secr');
});

test('a run of one letter does not grow what is held', () => {
  const redactor = new Redactor(['aaaaaa']);
  const out = Array.from({ length: 100 }, () => redactor.write('a'.repeat(100))).join('');
  expect(out + redactor.end()).toBe('[redacted]');
});

test('the token, secret variables and the redact list are secrets; short values and other variables are not', () => {
  const host = {
    GH_TOKEN: 'gh-123456',
    DB_PASSWORD: 'hunter22',
    SOME_KEY: 'abc',
    PATH: '/usr/bin',
    PIN: '424242',
  };
  expect(collectSecrets(host, ['$PIN', 'literal-1', '$NOT_SET'], 'the-token')).toEqual([
    'the-token',
    'gh-123456',
    'hunter22',
    '424242',
    'literal-1',
    '$NOT_SET',
  ]);
});

test('each line of a secret of several lines is a secret', () => {
  const patterns = secretPatterns(['first line\nsecond line\r\nend']);
  expect(redactText(patterns, '> second line <')).toBe('> [redacted] <');
  expect(redactText(patterns, 'the end')).toBe('the end');
});
