import { expect, test } from 'vitest';
import { parseCommands } from '../../test/support/action-commands.ts';
import { captureLog } from '../test-support/captured-log.ts';
import { printGroup, withoutCommands } from './quiet-log.ts';

const log = captureLog();

const words = () => [...log().matchAll(/^::stop-commands::(\S+)$/gm)].map(([, word]) => word);

test('inside, even a text that nobody cleaned gives the runner no command', async () => {
  const raw = '::error::x\n::stop-commands::y\n##[warning]z\n::y::\n::add-mask::passed\n';
  await withoutCommands(() => void process.stdout.write(raw));
  expect(parseCommands(log())).toEqual([]);
  expect(parseCommands(raw)).not.toEqual([]);
});

test('afterwards commands work again, also when the body throws, and each time by a new word', async () => {
  await withoutCommands(() => undefined);
  const thrown = withoutCommands(() => {
    throw new Error('broken');
  });
  await expect(thrown).rejects.toThrow('broken');
  process.stdout.write('::notice::ours\n');
  expect(parseCommands(log())).toMatchObject([{ name: 'notice', data: 'ours' }]);
  expect(new Set(words()).size).toBe(2);
  for (const word of words()) expect(word).toMatch(/^[0-9a-f]{32}$/);
});

test('what is said inside comes as one clean line', async () => {
  await withoutCommands((say) => say('a\r\n##[error]b'));
  expect(log()).toContain('\na ##\u200b[error]b\n');
});

test('a group has a title without commands and the text of the test inside', () => {
  printGroup('title\n::error::x', 'first\n::endgroup::');
  expect(parseCommands(log())).toEqual([
    { name: 'group', properties: {}, data: 'title \u200b::error::x' },
    { name: 'endgroup', properties: {}, data: '' },
  ]);
  expect(log()).toContain('\nfirst\n\u200b::endgroup::\n');
});

test('a folded part between lines: only the fold is a command, and the text knows none of the words', async () => {
  await withoutCommands((say, fold) => {
    say('before');
    fold('log of a', '::error::x\n::endgroup::');
    process.stdout.write('::error::after\n');
  });
  expect(parseCommands(log()).map(({ name }) => name)).toEqual(['group', 'endgroup']);
  expect(new Set(words()).size).toBe(3);
});
