import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { blobKinds, openBlobLab } from '../../test/support/blob-kinds.ts';
import type { LogStore } from './log-store.ts';

/** All files are older. */
const later = Date.now() + 3_600_000;

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const callsOf = (logs: LogStore) => ({
  readText: async (offset = 0, attempt = 1) =>
    new TextDecoder().decode(await logs.read('job_1', attempt, offset)),
  append: (offset: number, text: string, attempt = 1) => logs.append('job_1', attempt, offset, bytes(text)),
});

describe.each(blobKinds)('logs in a store of the kind %s', (kind) => {
  async function openLogs() {
    const lab = await openBlobLab(kind);
    return { ...lab, logs: lab.blobs.logs, ...callsOf(lab.blobs.logs) };
  }

  test('what is appended is read from any offset on', async () => {
    const { append, readText } = await openLogs();
    expect(await append(0, 'one\n')).toBe(4);
    expect(await append(4, 'two\n')).toBe(8);
    expect([
      await readText(),
      await readText(4),
      await readText(6),
      await readText(8),
      await readText(99),
    ]).toEqual(['one\ntwo\n', 'two\n', 'o\n', '', '']);
  });

  test('a repeat and an overlap add only what is new', async () => {
    const { append, readText } = await openLogs();
    await append(0, 'one\n');
    expect(await append(0, 'one\n')).toBe(4);
    expect(await append(2, 'e\ntwo\n')).toBe(8);
    expect(await append(0, '')).toBe(8);
    expect(await readText()).toBe('one\ntwo\n');
  });

  test('a gap is refused with the size from which to send', async () => {
    const { append, readText } = await openLogs();
    await append(0, 'one\n');
    await expect(append(5, 'two\n')).rejects.toMatchObject({ code: 'conflict', details: { size: 4 } });
    expect(await readText()).toBe('one\n');
  });

  test('attempts and jobs have logs of their own', async () => {
    const { logs, append, readText } = await openLogs();
    await append(0, 'first', 1);
    await append(0, 'second', 2);
    await append(0, 'eleventh', 11);
    await logs.append('job_2', 1, 0, bytes('other'));
    expect([await readText(0, 1), await readText(0, 2), await readText(0, 3), await readText(0, 11)]).toEqual(
      ['first', 'second', '', 'eleventh'],
    );
  });

  test('a log that was never written is empty and makes no file', async () => {
    const { append, readText, files } = await openLogs();
    expect(await readText()).toBe('');
    expect(await append(0, '')).toBe(0);
    expect(await files('logs')).toEqual([]);
  });

  test('a log ends at its limit', async () => {
    const { logs } = await openLogs();
    const append = (offset: number, length: number) =>
      logs.append('job_1', 1, offset, new Uint8Array(length));
    await append(0, limits.logBytes - 1);
    await expect(append(limits.logBytes - 1, 2)).rejects.toMatchObject({ code: 'too_large' });
    expect(await append(limits.logBytes - 1, 1)).toBe(limits.logBytes);
  });

  test('pieces that come at once, repeated and to two servers, make the log whole', async () => {
    const lab = await openLogs();
    const both = [lab.logs, (await lab.again()).logs];
    let jobs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 }),
        async (pieces) => {
          jobs += 1;
          const all = bytes(pieces.join(''));
          const ends = pieces.map((_, index) => bytes(pieces.slice(0, index + 1).join('')).length);
          // An agent that got no answer repeats the piece from its start.
          await Promise.all(
            ends.flatMap((end) => both.map((logs) => logs.append(`job_${jobs}`, 1, 0, all.subarray(0, end)))),
          );
          for (const logs of both)
            expect(Buffer.from(await logs.read(`job_${jobs}`, 1, 0)).equals(all)).toBe(true);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('an agent that goes on at another server continues its log there, and back', async () => {
    const lab = await openLogs();
    const other = callsOf((await lab.again()).logs);
    await lab.append(0, 'one ');
    expect(await other.append(4, 'two ')).toBe(8);
    await expect(other.append(99, 'x')).rejects.toMatchObject({ details: { size: 8 } });
    expect(await lab.append(8, 'three')).toBe(13);
    expect([await lab.readText(), await other.readText(4)]).toEqual(['one two three', 'two three']);
  });

  test('the logs of a job are listed, measured and deleted', async () => {
    const { logs, append, readText, files } = await openLogs();
    await append(0, 'one');
    await append(3, ' more');
    await append(0, 'two', 2);
    await logs.append('job_2', 1, 0, bytes('other'));
    expect((await logs.jobs.list(later)).sort()).toEqual(['job_1', 'job_2']);
    expect(await logs.jobs.size()).toBe(16);
    expect(await logs.jobs.remove('job_1')).toBe(11);
    expect([await readText(), (await logs.jobs.list(later)).length, (await files('logs')).length]).toEqual([
      '',
      1,
      1,
    ]);
    expect(await logs.jobs.remove('job_1')).toBe(0);
  });

  test('files that changed meanwhile are not deleted for their age', async () => {
    const { logs, append, readText } = await openLogs();
    await append(0, 'one');
    expect(await logs.jobs.remove('job_1', 1000)).toBe(0);
    expect(await readText()).toBe('one');
    expect(await logs.jobs.remove('job_1', Date.now() + 60_000)).toBe(3);
  });
});
