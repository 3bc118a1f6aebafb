import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { patience } from '../../../test/support/blob-kinds.ts';
import { tempFolder } from '../../../test/support/queue.ts';
import { startS3 } from '../../../test/support/s3.ts';
import { listObjects } from './objects.ts';
import { S3Client } from './s3-client.ts';
import { S3Logs } from './s3-logs.ts';

async function openLab() {
  const s3 = await startS3(tempFolder());
  const client = new S3Client(s3.place, Date.now, patience);
  const open = () => new S3Logs(client, { smallBytes: 64, most: 4 });
  const names = async () => {
    const all: string[] = [];
    for await (const page of listObjects(client, 'logs/')) all.push(...page.map(({ key }) => key.slice(11)));
    return all.sort();
  };
  const read = async (logs: S3Logs, offset = 0) =>
    Buffer.from(await logs.read('job_1', 1, offset)).toString();
  return { ...{ s3, client, open, names, read }, logs: open() };
}

/** And waits until what is small is joined. */
async function append(logs: S3Logs, offset: number, text: string): Promise<number> {
  const size = await logs.append('job_1', 1, offset, Buffer.from(text));
  await logs.append('job_1', 1, 0, new Uint8Array(0));
  return size;
}

test('many small parts become one, large ones stay as they are', async () => {
  const { logs, names, read } = await openLab();
  for (let n = 0; n < 3; n += 1) await append(logs, n * 10, 'x'.repeat(10));
  expect(await names()).toEqual(['1-000000000-10', '1-000000010-10', '1-000000020-10']);
  await append(logs, 30, 'y'.repeat(40));
  expect(await names()).toEqual(['1-000000000-70']);
  for (let n = 0; n < 4; n += 1) await append(logs, 70 + n, 'z');
  expect(await names()).toEqual(['1-000000000-70', '1-000000070-4']);
  expect(await read(logs)).toBe(`${'x'.repeat(30)}${'y'.repeat(40)}zzzz`);
  expect(await read(logs, 72)).toBe('zz');
});

test('a reader and a writer whose parts another server has joined find them again', async () => {
  const { logs, open, read, names } = await openLab();
  const other = open();
  for (let n = 0; n < 3; n += 1) await append(logs, n, String(n));
  expect(await read(other)).toBe('012');
  await append(other, 3, '3');
  expect(await names()).toEqual(['1-000000000-4']);
  expect([await read(logs), await read(logs, 2)]).toEqual(['0123', '23']);
  expect(await append(logs, 4, '4')).toBe(5);
  for (let n = 5; n < 9; n += 1) await append(n % 2 === 0 ? logs : other, n, String(n));
  expect([await read(logs), await read(other, 1)]).toEqual(['012345678', '12345678']);
});

test('parts that overlap, of a piece that came to two servers, are read once', async () => {
  const { logs, open, read } = await openLab();
  const other = open();
  await append(logs, 0, 'abc');
  await append(other, 0, 'abcdef');
  await append(logs, 3, 'defgh');
  expect([await read(logs), await read(other), await read(other, 4)]).toEqual([
    'abcdefgh',
    'abcdefgh',
    'efgh',
  ]);
});

test('a list that does not show what was just written loses nothing for the server that wrote it', async () => {
  const { client, logs, read } = await openLab();
  vi.spyOn(client, 'list').mockResolvedValue({ objects: [], prefixes: [] });
  for (let n = 0; n < 10; n += 1) await append(logs, n, String(n));
  expect(await read(logs)).toBe('0123456789');
  await expect(append(logs, 11, 'x')).rejects.toMatchObject({ code: 'conflict', details: { size: 10 } });
});

test('a part that is lost ends the log before it, and the rest is sent again', async () => {
  const { logs, open, read, s3 } = await openLab();
  await append(logs, 0, 'one');
  await append(logs, 3, 'two');
  rmSync(join(s3.folder, 'logs', 'job_1', '1-000000003-3._S3rver_object'));
  rmSync(join(s3.folder, 'logs', 'job_1', '1-000000003-3._S3rver_metadata.json'));
  expect(await read(open())).toBe('one');
  await expect(append(open(), 6, 'x')).rejects.toMatchObject({ details: { size: 3 } });
});

test('a store that is away is told as a trouble that passes, and the log goes on when it is back', async () => {
  const { logs, read, s3 } = await openLab();
  await append(logs, 0, 'one');
  await s3.stop();
  await expect(append(logs, 3, 'two')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(read(logs)).rejects.toThrow(/the object store .* cannot be reached: ECONN/);
  await s3.start();
  expect(await append(logs, 3, 'two')).toBe(6);
  expect(await read(logs)).toBe('onetwo');
});
