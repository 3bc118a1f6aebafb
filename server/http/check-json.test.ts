import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkJson } from './check-json.ts';

const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
const wide = (count: number): string =>
  `{${Array.from({ length: count }, (_, index) => `"k${index}":1`).join()}}`;

describe('refused', () => {
  test.each([
    ['a key given twice', '{"a":1,"b":2,"a":3}', 'the key "a" is given twice'],
    ['twice behind an escape', '{"a":1,"\\u0061":3}', 'the key "a" is given twice'],
    ['twice with blanks before the colon', '{"a" : 1, "a"\n\t: 2}', 'the key "a" is given twice'],
    ['twice in an inner object', '{"m":[{"a":1},{"b":1,"b":2}]}', 'the key "b" is given twice'],
    ['__proto__', '{"__proto__":{"x":1}}', '"__proto__" is not allowed as a key'],
    ['__proto__ behind an escape', '{"\\u005f_proto__":1}', '"__proto__" is not allowed as a key'],
    ['the first half of a surrogate pair', '{"a":"x\\ud800y"}', 'half a surrogate pair'],
    ['the second half of a surrogate pair', '["\\udc00"]', 'half a surrogate pair'],
    ['half a pair in a key', '{"\\ud83d":1}', 'half a surrogate pair'],
    ['NUL', '{"a":"x\\u0000"}', 'NUL'],
    ['depth', nested(17), 'deeper than 16'],
    ['depth without an end', '[{"a":'.repeat(100_000), 'deeper than 16'],
    ['many keys', wide(201), 'more than 200 keys'],
    ['many items', `[${'1,'.repeat(100_000)}1]`, 'more than 100000 items'],
  ])('%s', (_, text, why) => {
    expect(() => checkJson(text)).toThrow(why);
  });
});

describe('let through', () => {
  test.each([
    ['the same key in two objects', '[{"a":1},{"a":2}]'],
    ['a value that equals a key', '{"a":"a","b":"a"}'],
    ['the same text twice in a list', '["a","a"]'],
    ['a list inside of an object, then another key', '{"a":["b","b"],"b":{"b":1}}'],
    ['a whole surrogate pair', '{"a":"\\ud83d\\ude00 \u{1F600}"}'],
    ['quotes and backslashes', '{"a\\"":1,"a\\\\":2,"b":"\\\\"}'],
    ['brackets in a string', '{"a":"[[[[[[[[[[[[[[[[[[[[{{{{"}'],
    ['the limits themselves', `{"m":${wide(200)},"l":${nested(15)}}`],
    ['a string that never ends: JSON.parse says so better', '{"a":"x'],
    ['closers without openers: the same', ']}]}'],
  ])('%s', (_, text) => {
    expect(() => checkJson(text)).not.toThrow();
  });

  test('everything that JSON.stringify makes of well-formed text, within the limits', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5, noUnicodeString: false }), (value) => {
        const text = JSON.stringify(value);
        fc.pre(!/__proto__|\\u0000|\\ud[89a-f]/.test(text));
        expect(() => checkJson(text)).not.toThrow();
      }),
    );
  });
});
