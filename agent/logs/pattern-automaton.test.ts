import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Pattern, PatternAutomaton } from './pattern-automaton.ts';

const pattern = (text: string, oneLine = false): Pattern => ({ bytes: Buffer.from(text), oneLine });
const automatonOf = (...texts: string[]) => new PatternAutomaton(texts.map((text) => pattern(text)));

/** For each byte of the text, the patterns that end there. */
function found(automaton: PatternAutomaton, text: string): string[][] {
  let state = 0;
  return [...Buffer.from(text)].map((byte, index) => {
    state = automaton.next(state, byte);
    const here: string[] = [];
    for (let at = automaton.ending[state] ?? 0; at !== 0; at = automaton.ending[automaton.fail[at] ?? 0] ?? 0)
      here.push(text.slice(index + 1 - (automaton.depth[at] ?? 0), index + 1));
    return here;
  });
}

test('all patterns that end at a byte are found there, the longest first', () => {
  expect(found(automatonOf('she', 'he', 'hers', 'e'), 'ushers')).toEqual([
    [],
    [],
    [],
    ['she', 'he', 'e'],
    [],
    ['hers'],
  ]);
});

test('any bytes may be in a pattern', () => {
  const automaton = new PatternAutomaton([{ bytes: Uint8Array.of(255, 0, 255), oneLine: false }]);
  let state = 0;
  for (const byte of [255, 255, 0, 255]) state = automaton.next(state, byte);
  expect([automaton.depth[state], automaton.ending[state]]).toEqual([3, state]);
});

test('from the root only bytes that begin a pattern lead on', () => {
  const { root, longest } = automatonOf('ab', 'ac', 'b');
  expect(longest).toBe(2);
  expect([...root.entries()].filter(([, state]) => state !== 0).map(([byte]) => byte)).toEqual([97, 98]);
});

test('without patterns, and with empty ones alone, nothing is found', () => {
  for (const automaton of [new PatternAutomaton([]), automatonOf('', '')]) {
    expect(automaton.longest).toBe(0);
    expect(found(automaton, 'ab')).toEqual([[], []]);
  }
});

test('of equal patterns the one that may go over several lines counts', () => {
  const oneLine = (...patterns: Pattern[]) => {
    const automaton = new PatternAutomaton(patterns);
    return automaton.oneLine[automaton.next(automaton.next(0, 97), 98)];
  };
  expect(oneLine(pattern('ab', true), pattern('ab', false))).toBe(0);
  expect(oneLine(pattern('ab', false), pattern('ab', true))).toBe(0);
  expect(oneLine(pattern('ab', true), pattern('ab', true))).toBe(1);
});

test('it finds what a search for each pattern finds', () => {
  const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 5 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 40 });
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 8 }), text, (words, given) => {
      const naive = [...given].map((_, index) =>
        words.filter((one) => given.slice(0, index + 1).endsWith(one)).sort((a, b) => b.length - a.length),
      );
      expect(found(automatonOf(...words), given)).toEqual(naive);
    }),
  );
});
