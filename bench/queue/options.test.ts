import { expect, test } from 'vitest';
import { readOptions } from './options.ts';
import { chooseSides } from './sides.ts';

const sidesOf = (...args: string[]): string[] => chooseSides(readOptions(args)).map(({ name }) => name);

test('named sides are measured, and no others', () => {
  expect(sidesOf('--sides', 'qgjob,bullmq http', '--only', 'a')).toEqual(['qgjob', 'bullmq http']);
});

test('without peers only sides of ours are left', () => {
  expect(sidesOf('--without-peers', '--only', 'c')).toEqual(['qgjob', 'qgjob sqld', 'qgjob sqld x2']);
});

test('a side that can do none of the parts is left out', () => {
  expect(sidesOf('--only', 'b')).not.toContain('floor');
  expect(sidesOf('--only', 'e,f')).toEqual([]);
});

test.each([[['--sides', 'bulmq']], [['--only', 'z']], [['--rounds', '0']], [['--fast']]])(
  '%j is refused with what there is',
  (args) => {
    expect(() => readOptions(args)).toThrow(/a {2}submit, one job a call[\s\S]*sides: .*bullmq http/);
  },
);
