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
