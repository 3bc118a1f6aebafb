import { expect, test } from 'vitest';
import { openBlobLab } from '../../../test/support/blob-kinds.ts';
import { type LogRef, readEnd, readOn } from './log-window.ts';
import { searchLog } from './search-log.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** Some hundred KiB, with lines of nothing, of several bytes a character, and one that is longer than what is read at once. */
const texts = Array.from({ length: 30_000 }, (_, n) => {
  if (n === 20_000) return 'long '.repeat(120_000);
  return n % 7 === 0 ? '' : `${n} taps ünd wäits ${n % 1000 === 3 ? 'NEEDLE' : 'for the basket'}`;
});

async function openLog(lines: readonly string[]) {
  const { logs } = (await openBlobLab('folder')).blobs;
  const bytes = encode(`${lines.join('\n')}\n`);
  for (let at = 0; at < bytes.length; at += 1024 * 1024)
    await logs.append('job_1', 1, at, bytes.subarray(at, at + 1024 * 1024));
  const log: LogRef = { logs, jobId: 'job_1', attempt: 1, isOpen: false };
  return { log, logs };
}

test('a search finds what a look at each line finds, with its number and the place of lines before it', async () => {
  const { log } = await openLog(texts);
  const { matches, isMore } = await searchLog(log, 'needle');
  const wanted = texts.flatMap((text, n) => (text.includes('NEEDLE') ? [n + 1] : []));
  expect(wanted.length).toBeGreaterThan(20);
  expect([matches.map(({ number }) => number), isMore]).toEqual([wanted, false]);
  for (const { number, from, fromLine } of matches) {
    const { lines } = await readOn(log, from, fromLine);
    expect(lines.find((line) => line.number === number)?.text).toBe(texts[number - 1]);
    // The long line is left out: it would fill the page.
    expect(number - fromLine).toBe(number === 20_004 ? 2 : Math.min(5, number - 1));
  }
});

test('after the last part was read, a longer log is numbered on from there', async () => {
  const { log, logs } = await openLog(texts.slice(0, 10_000));
  const first = await readEnd(log);
  expect(first.nextLine).toBe(10_001);
  await logs.append('job_1', 1, first.size, encode('one\ntwo\n'.repeat(5000)));
  const second = await readEnd(log);
  expect([second.nextLine, second.lines.at(-1)]).toEqual([20_001, { number: 20_000, text: 'two' }]);
});
