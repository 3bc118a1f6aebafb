import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonShrinker } from './read-json.ts';

function shrink(parts: readonly string[]): string {
  const shrinker = new JsonShrinker();
  for (const part of parts) shrinker.write(part);
  return shrinker.end();
}

const dropped = ['stdout', 'stderr', 'attachments', 'steps', 'annotations', 'metadata'];
/** What should be left: the same JSON, with null for the values of dropped keys. */
const expected = (json: string): unknown =>
  JSON.parse(json, (key, value: unknown) => (dropped.includes(key) ? null : value));

const key = fc.oneof(fc.constantFrom(...dropped, 'errors', 'a"b', 'stdout '), fc.string());
const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'binary' }),
    fc.constantFrom('stdout', '\\', '"', '\u001b]', '}{][,:'),
    fc.double(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

test('what is left is the same JSON without some keys, however it is cut into parts', () => {
  fc.assert(
    fc.property(json, fc.boolean(), (value, isWide) => {
      const text = JSON.stringify(value, null, isWide ? 2 : 0).replaceAll('\u001b', '\\u001b');
      expect(JSON.parse(shrink([text]))).toEqual(expected(text));
      expect(shrink(text.split(''))).toBe(shrink([text]));
    }),
    { numRuns: 1000 },
  );
});

test('what is no JSON stays none', () => {
  fc.assert(
    fc.property(json, fc.nat(), (value, cut) => {
      const text = JSON.stringify([value]);
      const half = text.slice(0, cut % text.length);
      expect(() => JSON.parse(shrink([half]))).toThrow(SyntaxError);
    }),
  );
});

test('a long string is cut, its escapes stay whole', () => {
  for (let shift = 0; shift < 8; shift += 1) {
    const text = JSON.stringify({ message: `${'x'.repeat(shift)}${'\u001b"\\'.repeat(200_000)}`, end: 1 });
    const { message, end } = JSON.parse(shrink([text])) as { message: string; end: number };
    expect(message.length).toBeLessThan(130_000);
    expect(new Set(message.slice(shift))).toEqual(new Set(['\u001b', '"', '\\']));
    expect(end).toBe(1);
  }
});

test('too many levels and too much text are refused in words', () => {
  expect(() => shrink(['['.repeat(301)])).toThrow('more than 300 levels');
  expect(() => shrink(Array.from({ length: 600 }, () => `"${'x'.repeat(100_000)}",`))).toThrow(
    /more than \d+ characters/,
  );
});
