import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { shellWord } from './shell-word.ts';

test('a plain path stays as it is', () => {
  expect(shellWord('tests/cart.spec.js')).toBe('tests/cart.spec.js');
});

test.each(['a b', "it's", '$(id)', '', '*', '~', '"x"', 'é', '`id`', '\\', '!!', '#a', ';'])(
  'a shell reads %j as one word',
  (text) => {
    const printed = execFileSync('sh', ['-c', `printf '[%s]' ${shellWord(text)}`], { encoding: 'utf8' });
    expect(printed).toBe(`[${text}]`);
  },
);

test('what a terminal would act on is spelled out, and the shell reads it all the same', () => {
  const text = "a\u001b[31m\n100% 'é' \\";
  const word = shellWord(text);
  expect(word).toMatch(/^[\x20-\x7e]+$/);
  expect(execFileSync('sh', ['-c', `printf '[%s]' ${word}`], { encoding: 'utf8' })).toBe(`[${text}]`);
});
