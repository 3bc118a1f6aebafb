import { expect, test } from 'vitest';
import { checkNames, legWords } from './check-names.ts';

const names = (template: string, targets: string[], leg?: string) => [
  ...checkNames(template, targets, leg).values(),
];

test('a check run is named by its target, and in a matrix by its leg too', () => {
  const standard = 'qgjob (<target>)';
  expect(names(standard, ['emulator', 'device/pixel-8'])).toEqual([
    'qgjob (emulator)',
    'qgjob (device/pixel-8)',
  ]);
  expect(names(standard, ['emulator'], 'ubuntu, 3')).toEqual(['qgjob (emulator, ubuntu, 3)']);
});

test('a name of the workflow stays as it is while it names one check run, and is made to tell several apart', () => {
  expect(names('app tests', ['emulator'])).toEqual(['app tests']);
  expect(names('app tests', ['emulator'], 'ubuntu')).toEqual(['app tests (emulator, ubuntu)']);
  expect(names('app tests', ['a', 'b'])).toEqual(['app tests (a)', 'app tests (b)']);
  expect(names('<target>: $& tests', ['a'])).toEqual(['a: $& tests']);
});

test('the words of a leg are the values of the matrix', () => {
  expect(legWords('{"os":"ubuntu-latest","shard":3,"app":{"name":"x","beta":true}}')).toBe(
    'ubuntu-latest, 3, x, true',
  );
  expect(['null', '{}', '', 'no json'].map(legWords)).toEqual(Array(4).fill(undefined));
  expect(legWords(JSON.stringify({ a: `x\n${'y'.repeat(200)}` }))?.length).toBe(80);
});
