import { cleanText, cutText } from '../../../protocol/clean-text.ts';
import type { LogRef } from './log-window.ts';

/** A line that has the text. */
export interface Match {
  readonly number: number;
  readonly text: string;
  /** Where to open the log so that some lines before it show too: a place in bytes, and its line. */
  readonly from: number;
  readonly fromLine: number;
}

export const mostMatches = 200;
const chunkBytes = 1024 * 1024;
const linesBefore = 5;
const shownLength = 300;

/** The first lines of a log that have this text, in any case. The log is read piece by piece. */
export async function searchLog(log: LogRef, wanted: string): Promise<{ matches: Match[]; isMore: boolean }> {
  const text = wanted.toLowerCase();
  const matches: Match[] = [];
  /** The last lines: their places. */
  const starts: { from: number; line: number }[] = [];
  let number = 0;
  for await (const { line, from } of readLines(log)) {
    number += 1;
    starts.push({ from, line: number });
    if (starts.length > linesBefore + 1) starts.shift();
    if (!line.toLowerCase().includes(text)) continue;
    const clean = cleanText(line);
    if (!clean.toLowerCase().includes(text)) continue;
    if (matches.length === mostMatches) return { matches, isMore: true };
    const before = starts[0] ?? { from, line: number };
    matches.push({ number, text: around(clean, text), from: before.from, fromLine: before.line });
  }
  return { matches, isMore: false };
}

/** What is shown of a long line: the place where the text is. */
function around(line: string, text: string): string {
  const at = line.toLowerCase().indexOf(text);
  const from = Math.max(0, at - shownLength / 3);
  return cutText(`${from > 0 ? '…' : ''}${line.slice(from)}`, shownLength);
}

/** A line that is longer than a piece comes in several. */
async function* readLines({ logs, jobId, attempt }: LogRef): AsyncGenerator<{ line: string; from: number }> {
  const size = await logs.size(jobId, attempt);
  for (let from = 0; from < size; ) {
    const bytes = await logs.read(jobId, attempt, from, Math.min(size, from + chunkBytes));
    if (bytes.length === 0) return;
    const isLast = from + bytes.length >= size;
    const end = isLast ? bytes.length : bytes.lastIndexOf(10) + 1 || bytes.length;
    let start = 0;
    while (start < end) {
      const feed = bytes.indexOf(10, start);
      const stop = feed < 0 || feed >= end ? end : feed;
      yield { line: new TextDecoder().decode(bytes.subarray(start, stop)), from: from + start };
      start = stop + 1;
    }
    from += end;
    // A long log must not keep other calls waiting.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
