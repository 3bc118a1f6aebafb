import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readSubmitted, readSubmittedStart } from './read-submitted.ts';
import { makeWorkspace } from './test-support/host.ts';

test('a file is read, and one that a link leads to, up to a mebibyte', () => {
  const root = makeWorkspace({ 'a.json': '{"ä":1}', 'b/big': 'x'.repeat(1024 ** 2), empty: '' });
  symlinkSync('a.json', join(root, 'link'));
  expect(readSubmitted(join(root, 'a.json'))).toBe('{"ä":1}');
  expect(readSubmitted(join(root, 'link'))).toBe('{"ä":1}');
  expect(readSubmitted(join(root, 'b/big'))).toHaveLength(1024 ** 2);
  expect(readSubmitted(join(root, 'empty'))).toBe('');
  expect(readSubmittedStart(join(root, 'b/big'), 100)).toBe('x'.repeat(100));
});

test.each<[string, (path: string) => unknown]>([
  ['nothing', () => undefined],
  ['a folder', (path) => execFileSync('mkdir', [path])],
  ['a FIFO that nobody writes to', (path) => execFileSync('mkfifo', [path])],
  ['a device without an end', (path) => symlinkSync('/dev/zero', path)],
  ['a link to itself', (path) => symlinkSync(path, path)],
  [
    'a huge file',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 400 * 1024 ** 2);
    },
  ],
])('%s is no file of a suite, and nothing waits for it', (_what, put) => {
  const path = join(makeWorkspace(), 'package.json');
  put(path);
  expect(readSubmitted(path)).toBeUndefined();
});
