import { expect, test } from 'vitest';
import { type LogRef, type LogWindow, readBefore, readEnd, readOn, windowBytes } from './log-window.ts';
import { searchLog } from './search-log.ts';

/** A log in memory that counts what is read of it. */
function logOf(text: string, isOpen = false) {
  const bytes = new TextEncoder().encode(text);
  const counted = { most: 0 };
  const log: LogRef = {
    ...{ jobId: 'job', attempt: 1, isOpen },
    logs: {
      size: async () => bytes.length,
      async read(_job, _attempt, offset, end = bytes.length) {
        const part = bytes.slice(offset, Math.min(end, bytes.length));
        counted.most = Math.max(counted.most, part.length);
        return part;
      },
    },
  };
  return { log, counted, size: bytes.length };
}

const many = Array.from({ length: 100_000 }, (_, n) => `line ${n + 1} of a log, with ünïcode “quotes”`);
const whole = `${many.join('\n')}\n`;
const textsOf = (parts: readonly LogWindow[]) => parts.flatMap(({ lines }) => lines.map(({ text }) => text));

test('a short log is one part, whatever its last line ends with', async () => {
  for (const text of ['a\nb\n', 'a\r\nb', 'a\nb']) {
    const { lines, from, next } = await readEnd(logOf(text).log);
    expect(lines).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: 'b' },
    ]);
    expect([from, next]).toEqual([0, text.length]);
  }
  expect((await readEnd(logOf('').log)).lines).toEqual([]);
});

test('parts one behind the other are the whole log, each line once and with its number', async () => {
  const { log, counted, size } = logOf(whole);
  const parts: LogWindow[] = [];
  for (let at = { next: 0, nextLine: 1 }; at.next < size; at = parts.at(-1) ?? at)
    parts.push(await readOn(log, at.next, at.nextLine));
  expect(textsOf(parts)).toEqual(many);
  expect(parts.flatMap(({ lines }) => lines.map(({ number }) => number))).toEqual(many.map((_, n) => n + 1));
  expect(counted.most).toBeLessThanOrEqual(windowBytes);
});

test('from the end backwards it is the same log', async () => {
  const { log } = logOf(whole);
  const parts = [await readEnd(log)];
  while ((parts[0]?.from ?? 0) > 0)
    parts.unshift(await readBefore(log, parts[0]?.from ?? 0, parts[0]?.fromLine ?? 0));
  expect(textsOf(parts)).toEqual(many);
  expect(parts.flatMap(({ lines }) => lines.map(({ number }) => number))).toEqual(many.map((_, n) => n + 1));
});

test('of a log that grows a line comes once it is whole', async () => {
  expect((await readOn(logOf('one\ntw', true).log, 0, 1)).lines.map(({ text }) => text)).toEqual(['one']);
  expect((await readOn(logOf('one\ntwo\n', true).log, 4, 2)).lines).toEqual([{ number: 2, text: 'two' }]);
});

test('a line that is longer than a part comes in pieces, and no character is torn', async () => {
  const text = `x${'ü'.repeat(windowBytes)}`;
  const { log, size } = logOf(text);
  const parts: LogWindow[] = [];
  for (let at = { next: 0, nextLine: 1 }; at.next < size; at = parts.at(-1) ?? at)
    parts.push(await readOn(log, at.next, at.nextLine));
  expect(parts.length).toBe(3);
  expect(textsOf(parts).join('')).toBe(text);
});

test('a search finds lines of the whole log, with the place from which some lines before show', async () => {
  const { log, counted } = logOf(whole);
  const { matches, isMore } = await searchLog(log, 'LINE 77777 OF');
  expect([matches.length, isMore]).toEqual([1, false]);
  const [{ number, from, fromLine } = { number: 0, from: 0, fromLine: 0 }] = matches;
  expect([number, fromLine]).toEqual([77_777, 77_772]);
  expect((await readOn(log, from, fromLine)).lines.find((line) => line.number === number)?.text).toContain(
    'line 77777 ',
  );
  expect(counted.most).toBeLessThanOrEqual(1024 * 1024);
  expect((await searchLog(log, 'line')).isMore).toBe(true);
  expect((await searchLog(log, 'no such text')).matches).toEqual([]);
});
