import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBlobLab } from '../../../test/support/blob-kinds.ts';
import { LogLines } from './log-lines.tsx';
import { type LogRef, readBefore, readEnd, readOn, windowLines } from './log-window.ts';

/** A log in a store of its own. */
async function logOf(text: string, isOpen = false): Promise<LogRef> {
  const { logs } = (await openBlobLab('folder')).blobs;
  await logs.append('job_1', 1, 0, new TextEncoder().encode(text));
  return { logs, jobId: 'job_1', attempt: 1, isOpen };
}

const textsOf = ({ lines }: { lines: readonly { text: string }[] }) => lines.map(({ text }) => text);

test('a log of line feeds comes in parts of a bounded number of lines, from either side', async () => {
  const log = await logOf('\n'.repeat(131_072));
  const end = await readEnd(log);
  expect(end.lines).toHaveLength(windowLines);
  expect(end.lines.at(-1)?.number).toBe(131_072);
  expect(end).toMatchObject({ from: 131_072 - windowLines, next: 131_072, nextLine: 131_073 });
  const before = await readBefore(log, end.from, end.fromLine);
  expect(before.lines).toHaveLength(windowLines);
  expect(before).toMatchObject({ next: end.from, nextLine: end.fromLine });
  const first = await readOn(log, 0, 1);
  expect(first.lines).toHaveLength(windowLines);
  expect(first).toMatchObject({ next: windowLines, nextLine: windowLines + 1 });
});

/** Short lines, one of several bytes a character, and one that is longer than others by far. */
const someLine = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('', 'a', 'bb', 'ü', 'x\r') },
  { weight: 1, arbitrary: fc.constantFrom('long '.repeat(2000)) },
);

test('forwards and backwards the parts have each line once, with its number', async () => {
  const someLines = fc.array(someLine, { minLength: 2 * windowLines - 5, maxLength: 2 * windowLines + 5 });
  await fc.assert(
    fc.asyncProperty(someLines, fc.boolean(), async (lines, endsInFeed) => {
      const text = lines.join('\n') + (endsInFeed ? '\n' : '');
      const log = await logOf(text);
      const wanted = text.replace(/\n$/, '').replaceAll('\r', '').split('\n');
      const forwards: string[] = [];
      for (let at = { next: 0, nextLine: 1, size: 1 }; at.next < at.size; ) {
        const part = await readOn(log, at.next, at.nextLine);
        expect(part.fromLine).toBe(forwards.length + 1);
        forwards.push(...textsOf(part));
        at = part;
      }
      expect(forwards).toEqual(wanted);
      let part = await readEnd(log);
      const backwards = textsOf(part);
      while (part.from > 0) {
        part = await readBefore(log, part.from, part.fromLine);
        backwards.unshift(...textsOf(part));
        expect(part.fromLine).toBe(wanted.length - backwards.length + 1);
      }
      expect(backwards).toEqual(wanted);
    }),
    { numRuns: 5 },
  );
});

test.each([windowLines - 1, windowLines, windowLines + 1])(
  'the last part of %i lines ends with what was printed last',
  async (count) => {
    const end = await readEnd(await logOf('\n'.repeat(count)));
    expect(end.lines).toHaveLength(Math.min(count, windowLines));
    expect(end).toMatchObject({ next: count, nextLine: count + 1 });
  },
);

test('a line that is not finished waits for its end', async () => {
  const end = await readEnd(await logOf(`${'\n'.repeat(windowLines + 7)}half`, true));
  expect(end).toMatchObject({ next: windowLines + 7, nextLine: windowLines + 8 });
});

test('lines that change their colour all the time keep their text, and some of the colours', async () => {
  const line = '\u001b[31ma\u001b[32mb'.repeat(240);
  const lines = Array.from({ length: 20 }, (_, n) => ({ number: n + 1, text: line }));
  const html = String(LogLines({ lines }));
  const styled = html.split('<span class=').length - 1;
  expect(styled).toBeGreaterThan(1000);
  expect(styled).toBeLessThanOrEqual(4500);
  const [, last = ''] = html.split('id="L20"');
  expect(last).toContain('ab'.repeat(240));
});
