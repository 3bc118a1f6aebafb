import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMasks } from './masks.ts';
import { PatternAutomaton } from './pattern-automaton.ts';
import { binaryMark, Redactor } from './redactor.ts';
import { secretPatterns } from './secret-patterns.ts';

const mask = (secrets: readonly string[], text: string): string =>
  createMasks(secrets).maskFrom(Buffer.from(text), 0).toString();

test('texts that are masked one after the other make no secret together', () => {
  const { maskFrom } = createMasks(['secret-1']);
  expect(maskFrom(Buffer.from('a secr'), 0).toString()).toBe('a secr');
  expect(maskFrom(Buffer.from('et-1'), 0).toString()).toBe('et-1');
});

test('streams one after the other make none either', () => {
  const stream = createMasks(['secret-1']).openStream();
  expect(`${stream.write(Buffer.from('a secr'))}${stream.end()}`).toBe('a secr');
  expect(`${stream.write(Buffer.from('et-1 secret-1'))}${stream.end()}`).toBe('et-1 [redacted]');
});

test('a secret that ends like the beginning of an escape is found at the very end', () => {
  const secrets = ['secret%6'];
  expect(mask(secrets, 'a s%65cret%6')).toBe('a [redacted]');
  const stream = createMasks(secrets).openStream();
  expect(`${stream.write(Buffer.from('a s%65cret%6'))}${stream.end()}`).toBe('a [redacted]');
});

test('and what its own escapes make is no secret without that end', () => {
  expect(mask(['pass%40word%6'], 'pass@word')).toBe('pass@word');
  expect(mask(['pass%40word%6'], 'pass@word%6')).toBe('[redacted]');
});

test('of a secret that ends where the asked part begins, nothing is said', () => {
  const { maskFrom } = createMasks(['secret-1']);
  expect(maskFrom(Buffer.from('a secret-1 b'), 10).toString()).toBe(' b');
});

test('in a binary the part of a secret that is asked for keeps its length', () => {
  const redactor = new Redactor(new PatternAutomaton(secretPatterns(['secret-1'])), binaryMark);
  expect(redactor.mask(Buffer.from('a secret-1 b'), 5).toString()).toBe('xxxxx b');
  expect(redactor.mask(Buffer.from('a secret-1 b')).toString()).toBe('a xxxxxxxx b');
});

test('in a binary nothing moves, also where secrets overlap and come in pieces', () => {
  const secrets = ['abcabc', 'cabcbb', 'bbbbaa'];
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
  fc.assert(
    fc.property(letters, fc.array(fc.nat({ max: 30 }), { maxLength: 6 }), (text, cuts) => {
      const stream = createMasks(secrets).openStream(true);
      const edges = [0, ...cuts.map((cut) => Math.min(cut, text.length)).sort((a, b) => a - b), text.length];
      const parts = edges
        .slice(1)
        .map((edge, n) => `${stream.write(Buffer.from(text.slice(edges[n], edge)))}`);
      const masked = `${parts.join('')}${stream.end()}`;
      expect(masked.length).toBe(text.length);
      for (const secret of secrets) expect(masked).not.toContain(secret);
      for (const [at, char] of [...masked].entries()) expect(['x', text[at]]).toContain(char);
    }),
    { numRuns: 1000, examples: [['abcabcbbbbaa', [6, 7, 9]]] },
  );
});

test('blanks and line ends around a secret are no part of it', () => {
  expect(mask(['  secret-1\n'], 'asecret-1b')).toBe('a[redacted]b');
});

test('a value of nothing that is shown is none', () => {
  expect(mask(['\u0001\u0002\u0003\u0004\u0005\u0006'], 'abc \u0001 d')).toBe('abc \u0001 d');
});

test('twelve characters are a secret over lines too, eleven are not', () => {
  expect(mask(['123456789012'], '1234\n5678\n9012')).toBe('[redacted]');
  expect(mask(['12345678901'], '1234\n5678\n901')).toBe('1234\n5678\n901');
});

test.each(['\u{10000}', '\u{103ff}', '\u{10fc00}', '\u{10ffff}', '\ud7ff', '\ue000'])(
  'a secret with U+%s is found in the escapes of JSON',
  (char) => {
    const secret = `pass${char}word`;
    const written = [...secret.split('')].map(
      (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
    expect(mask([secret], `"${written.join('')}"`)).toBe('"[redacted]"');
  },
);

test('a secret in two escapes of each character, with a sequence inside, is within reach', () => {
  const { reach } = createMasks(['secret-1']);
  expect(reach).toBeGreaterThanOrEqual('secret-1'.length * 36 + 3 * 4096);
});
