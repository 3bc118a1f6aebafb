import { cleanText, cutText } from '../../../protocol/clean-text.ts';
import { lineFeeds } from './count-lines.ts';
import { type LogRef, windowBytes } from './log-window.ts';

/** A line that has the text. */
export interface Match {
  readonly number: number;
  readonly text: string;
  /** Where to open the log so that some lines before it show too: a place in bytes, and its line. */
  readonly from: number;
  readonly fromLine: number;
}

export const mostMatches = 200;
const chunkBytes = 256 * 1024;
const lineFeed = 10;
const linesBefore = 5;
const shownLength = 300;

/** The first lines of a log that have this text, in any case. The log is read piece by piece. */
export async function searchLog(log: LogRef, wanted: string): Promise<{ matches: Match[]; isMore: boolean }> {
  const text = wanted.toLowerCase();
  const matches: Match[] = [];
  /** The last lines: their places. */
  let starts: Start[] = [];
  for await (const piece of readPieces(log)) {
    // Most pieces have it nowhere, and to look at each line takes ten times as long.
    const lines = decode(piece.bytes).toLowerCase().includes(text) ? linesOf(piece) : [];
    for (const { text: line, ...start } of lines) {
      starts = [...starts.slice(-linesBefore), start];
      if (!line.toLowerCase().includes(text)) continue;
      const clean = cleanText(line);
      if (!clean.toLowerCase().includes(text)) continue;
      if (matches.length === mostMatches) return { matches, isMore: true };
      // Not so far before that the line itself would not show.
      const before = starts.find(({ from }) => start.from - from < windowBytes / 2) ?? start;
      matches.push({
        number: start.line,
        text: around(clean, text),
        from: before.from,
        fromLine: before.line,
      });
    }
    starts = lastStarts(piece);
  }
  return { matches, isMore: false };
}

/** What is shown of a long line: the place where the text is. */
function around(line: string, text: string): string {
  const at = line.toLowerCase().indexOf(text);
  const from = Math.max(0, at - shownLength / 3);
  return cutText(`${from > 0 ? '…' : ''}${line.slice(from)}`, shownLength);
}

interface Start {
  /** In bytes. */
  readonly from: number;
  readonly line: number;
}

/** Whole lines of a log, and where they begin; a line that is longer than a piece comes in several. */
interface Piece extends Start {
  readonly bytes: Uint8Array;
}

async function* readPieces({ logs, jobId, attempt }: LogRef): AsyncGenerator<Piece> {
  const size = await logs.size(jobId, attempt);
  let line = 1;
  for (let from = 0; from < size; ) {
    const read = await logs.read(jobId, attempt, from, Math.min(size, from + chunkBytes));
    if (read.length === 0) return;
    const isLast = from + read.length >= size;
    const bytes = isLast ? read : read.subarray(0, read.lastIndexOf(lineFeed) + 1 || read.length);
    yield { bytes, from, line };
    from += bytes.length;
    line += lineFeeds(bytes);
    // A long log must not keep other calls waiting.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function* linesOf({ bytes, from, line: first }: Piece): Generator<Start & { readonly text: string }> {
  let line = first;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(lineFeed, start);
    const stop = feed < 0 ? bytes.length : feed;
    yield { text: decode(bytes.subarray(start, stop)), from: from + start, line };
    start = stop + 1;
  }
}

/** Where the last lines of a piece begin. */
function lastStarts({ bytes, from, line }: Piece): Start[] {
  const starts: Start[] = [];
  const endsInFeed = bytes.at(-1) === lineFeed;
  let number = line + lineFeeds(bytes) - (endsInFeed ? 1 : 0);
  let end = endsInFeed ? bytes.length - 1 : bytes.length;
  for (let n = 0; n < linesBefore && end >= 0; n += 1) {
    const start = end === 0 ? 0 : bytes.lastIndexOf(lineFeed, end - 1) + 1;
    starts.unshift({ from: from + start, line: number });
    number -= 1;
    end = start - 1;
  }
  return starts;
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
