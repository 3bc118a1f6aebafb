import { cleanText, cutText } from '../../../protocol/clean-text.ts';
import { countLines } from './count-lines.ts';
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
export async function searchLog(log: LogRef, text: string): Promise<{ matches: Match[]; isMore: boolean }> {
  const wanted = new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'iu');
  const matches: Match[] = [];
  let previous: Piece | undefined;
  for await (const piece of readPieces(log)) {
    // Most pieces have it nowhere: to look at each of their lines, or to count them, takes ten times as long.
    if (wanted.test(decode(piece.bytes))) {
      const line = 1 + (await countLines(log, piece.from));
      let starts = previous ? lastStarts(previous, line) : [];
      for (const { text: found, ...start } of linesOf(piece, line)) {
        starts = [...starts.slice(-linesBefore), start];
        const clean = wanted.test(found) ? cleanText(found) : '';
        if (!wanted.test(clean)) continue;
        if (matches.length === mostMatches) return { matches, isMore: true };
        matches.push({ number: start.line, text: around(clean, wanted), ...placeBefore(starts, start) });
      }
    }
    previous = piece;
  }
  return { matches, isMore: false };
}

/** Some lines before a line, but not so far before it that it would not show itself. */
function placeBefore(starts: readonly Start[], start: Start): Pick<Match, 'from' | 'fromLine'> {
  const { from, line } = starts.find(({ from }) => start.from - from < windowBytes / 2) ?? start;
  return { from, fromLine: line };
}

/** What is shown of a long line: the place where the text is. */
function around(line: string, wanted: RegExp): string {
  const from = Math.max(0, line.search(wanted) - shownLength / 3);
  return cutText(`${from > 0 ? '…' : ''}${line.slice(from)}`, shownLength);
}

interface Start {
  /** In bytes. */
  readonly from: number;
  readonly line: number;
}

/** Whole lines of a log, and the place in bytes where they begin; a line that is longer than a piece comes in several. */
interface Piece {
  readonly bytes: Uint8Array;
  readonly from: number;
}

async function* readPieces({ logs, jobId, attempt }: LogRef): AsyncGenerator<Piece> {
  const size = await logs.size(jobId, attempt);
  for (let from = 0; from < size; ) {
    const read = await logs.read(jobId, attempt, from, Math.min(size, from + chunkBytes));
    if (read.length === 0) return;
    const isLast = from + read.length >= size;
    const bytes = isLast ? read : read.subarray(0, read.lastIndexOf(lineFeed) + 1 || read.length);
    yield { bytes, from };
    from += bytes.length;
    // A long log must not keep other calls waiting.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** `first`: the number of the line with which the piece begins. */
function* linesOf({ bytes, from }: Piece, first: number): Generator<Start & { readonly text: string }> {
  let line = first;
  for (let start = 0; start < bytes.length; line += 1) {
    const feed = bytes.indexOf(lineFeed, start);
    const stop = feed < 0 ? bytes.length : feed;
    yield { text: decode(bytes.subarray(start, stop)), from: from + start, line };
    start = stop + 1;
  }
}

/** Where the last lines of a piece begin; `next` is the number of the line with which the one behind it begins. */
function lastStarts({ bytes, from }: Piece, next: number): Start[] {
  const starts: Start[] = [];
  const endsInFeed = bytes.at(-1) === lineFeed;
  let number = endsInFeed ? next - 1 : next;
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
