import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createMasks } from '../logs/masks.ts';
import { makeWorkspace } from '../test-support/host.ts';
import { openFile } from './open-file.ts';

const secret = 'hunter22-of-the-database';

/** What leaves of a file with these bytes. */
async function sent(bytes: Uint8Array): Promise<Buffer> {
  const folder = makeWorkspace();
  const path = join(folder, 'file');
  writeFileSync(path, bytes);
  const file = await openFile(folder, { path, name: 'file' }, createMasks([secret]));
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.chunks()) chunks.push(chunk);
  await file.close();
  return Buffer.concat(chunks);
}

test('a text is masked in words', async () => {
  expect((await sent(Buffer.from(`a ${secret} b`))).toString()).toBe('a [redacted] b');
});

test.each<[string, Buffer]>([
  ['a text with one zero', Buffer.from(`{"a":"\0"} ${secret} z`)],
  ['UTF-16 without a mark', Buffer.from(`a ${secret} z`, 'utf16le')],
  ['a database', Buffer.from(`SQLite format 3\0${'\0'.repeat(100)}${secret}\0\x01\x02 z`)],
  ['a secret that goes over two pieces', Buffer.from(`\0${'y'.repeat(64 * 1024 - 10)}${secret} z`)],
  ['two that overlap', Buffer.from(`\0${secret}${secret.slice(1)} z`)],
])('%s is masked, and nothing of it moves', async (_what, bytes) => {
  const masked = await sent(bytes);
  expect(masked.length).toBe(bytes.length);
  for (const encoding of ['utf8', 'utf16le'] as const)
    expect(masked.includes(Buffer.from(secret, encoding))).toBe(false);
  expect(masked.subarray(-1)).toEqual(bytes.subarray(-1));
  expect(masked.subarray(0, 1)).toEqual(bytes.subarray(0, 1));
});

test.each<[string, Buffer]>([
  ['a zip', Buffer.from(`PK\x03\x04\0${secret}`)],
  ['what gzip made', gzipSync(secret)],
  ['a picture', Buffer.from(`\x89PNG\r\n\x1a\n\0${secret}`, 'latin1')],
  ['a video', Buffer.from(`\0\0\0\x18ftypmp42${secret}`, 'latin1')],
])('%s is sent as it is', async (_what, bytes) => {
  expect(await sent(bytes)).toEqual(bytes);
});
