import { expect, test } from 'vitest';
import { createLooks } from './looks.ts';

function lab(most: number) {
  let at = 0;
  const reads: string[] = [];
  const looks = createLooks<string>(most, () => at);
  const look = (key: string) =>
    looks(key, async () => {
      reads.push(key);
      return key;
    });
  const pass = (ms: number): void => {
    at += ms;
  };
  return { look, reads, pass };
}

test('each key is read once a second, however often it is asked', async () => {
  const { look, reads, pass } = lab(10);
  expect(await Promise.all(['a', 'b', 'a', 'b'].map(look))).toEqual(['a', 'b', 'a', 'b']);
  pass(999);
  await look('a');
  expect(reads).toEqual(['a', 'b']);
  pass(1);
  await look('a');
  expect(reads).toEqual(['a', 'b', 'a']);
});

test('of too many the oldest is forgotten', async () => {
  const { look, reads } = lab(2);
  for (const key of ['a', 'b', 'c', 'b', 'a']) await look(key);
  expect(reads).toEqual(['a', 'b', 'c', 'a']);
});
