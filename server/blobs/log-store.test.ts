import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { tempFolder } from '../../test/support/queue.ts';
import { createFolderLogs } from './log-store.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function openLogs(folder = tempFolder()) {
  const logs = createFolderLogs(folder);
  const readText = async (offset = 0, attempt = 1) =>
    new TextDecoder().decode(await logs.read('job_1', attempt, offset));
  const append = (offset: number, text: string, attempt = 1) =>
    logs.append('job_1', attempt, offset, bytes(text));
  return { logs, readText, append };
}

test('what is appended is read from any offset on', async () => {
  const { append, readText } = openLogs();
  expect(await append(0, 'one\n')).toBe(4);
  expect(await append(4, 'two\n')).toBe(8);
  expect([await readText(), await readText(4), await readText(8), await readText(99)]).toEqual([
    'one\ntwo\n',
    'two\n',
    '',
    '',
  ]);
});

test('a repeat and an overlap add only what is new', async () => {
  const { append, readText } = openLogs();
  await append(0, 'one\n');
  expect(await append(0, 'one\n')).toBe(4);
  expect(await append(2, 'e\ntwo\n')).toBe(8);
  expect(await append(0, '')).toBe(8);
  expect(await readText()).toBe('one\ntwo\n');
});

test('a gap is refused with the size from which to send', async () => {
  const { append, readText } = openLogs();
  await append(0, 'one\n');
  await expect(append(5, 'two\n')).rejects.toMatchObject({ code: 'conflict', details: { size: 4 } });
  expect(await readText()).toBe('one\n');
});

test('attempts and jobs have logs of their own', async () => {
  const { logs, append, readText } = openLogs();
  await append(0, 'first', 1);
  await append(0, 'second', 2);
  await logs.append('job_2', 1, 0, bytes('other'));
  expect([await readText(0, 1), await readText(0, 2), await readText(0, 3)]).toEqual(['first', 'second', '']);
});

test('a log that was never written is empty and makes no file', async () => {
  const folder = tempFolder();
  const { append, readText } = openLogs(folder);
  expect(await readText()).toBe('');
  expect(await append(0, '')).toBe(0);
  expect(existsSync(join(folder, 'logs'))).toBe(false);
});

test('a log ends at its limit', async () => {
  const { logs } = openLogs();
  const append = (offset: number, length: number) => logs.append('job_1', 1, offset, new Uint8Array(length));
  await append(0, limits.logBytes - 1);
  await expect(append(limits.logBytes - 1, 2)).rejects.toMatchObject({ code: 'too_large' });
  expect(await append(limits.logBytes - 1, 1)).toBe(limits.logBytes);
});

test('pieces that come at once, repeated and in any order of arrival, make the log whole', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }),
      async (pieces) => {
        const { logs } = openLogs();
        const all = bytes(pieces.join(''));
        const ends = pieces.map((_, index) => bytes(pieces.slice(0, index + 1).join('')).length);
        // An agent that got no answer repeats the piece from its start.
        await Promise.all(
          ends.flatMap((end) => [0, 1].map(() => logs.append('job_1', 1, 0, all.subarray(0, end)))),
        );
        expect(Buffer.from(await logs.read('job_1', 1, 0)).equals(all)).toBe(true);
      },
    ),
    { numRuns: 20 },
  );
});

test.skipIf(!existsSync('/dev/full'))('a full disk is told as a trouble that passes', async () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'logs', 'job_1'), { recursive: true });
  symlinkSync('/dev/full', join(folder, 'logs', 'job_1', '1.log'));
  await expect(openLogs(folder).append(0, 'one\n')).rejects.toMatchObject({ code: 'unavailable' });
});
