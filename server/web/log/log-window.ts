import type { LogStore } from '../../blobs/log-store.ts';
import { countLines } from './count-lines.ts';

/** The log of one attempt. */
export interface LogRef {
  readonly logs: Pick<LogStore, 'read' | 'size'>;
  readonly jobId: string;
  readonly attempt: number;
  /** More may come. */
  readonly isOpen: boolean;
}

export interface LogLine {
  /** From 1 on. */
  readonly number: number;
  readonly text: string;
}

/** A part of a log, in whole lines. Places are in bytes. */
export interface LogWindow {
  readonly lines: readonly LogLine[];
  readonly from: number;
  readonly fromLine: number;
  /** Where the next part begins, and the number of its first line. */
  readonly next: number;
  readonly nextLine: number;
  /** Bytes of the log so far. */
  readonly size: number;
}

/** A part has at most so many bytes. */
export const windowBytes = 128 * 1024;
/** And so many lines: to draw one costs far more than its bytes, and a log may be nothing but line feeds. */
export const windowLines = 1000;
const lineFeed = 10;

/** The part that begins at `offset`, the place of a line's beginning, whose number is `line`. */
export async function readOn(log: LogRef, offset: number, line: number): Promise<LogWindow> {
  const size = await log.logs.size(log.jobId, log.attempt);
  return readPart(log, { from: offset, fromLine: line, until: offset + windowBytes, size });
}

/** The part before `offset`, where the line `line` begins. */
export async function readBefore(log: LogRef, offset: number, line: number): Promise<LogWindow> {
  const size = await log.logs.size(log.jobId, log.attempt);
  const until = Math.min(size, offset);
  const from = await lineStart(log, Math.max(0, until - windowBytes), until);
  const part = await readPart(log, { from, fromLine: 1, until, size });
  const shift = Math.max(0, line - part.nextLine);
  return {
    ...part,
    fromLine: 1 + shift,
    nextLine: part.nextLine + shift,
    lines: part.lines.map(({ number, text }) => ({ number: number + shift, text })),
  };
}

/** The last part. What stands before it is read once to number its lines. */
export async function readEnd(log: LogRef): Promise<LogWindow> {
  const size = await log.logs.size(log.jobId, log.attempt);
  const from = await lineStart(log, Math.max(0, size - windowBytes), size);
  return readPart(log, { from, fromLine: 1 + (await countLines(log, from)), until: size, size });
}

interface Part {
  readonly from: number;
  readonly fromLine: number;
  readonly until: number;
  readonly size: number;
}

async function readPart(log: LogRef, { from, fromLine, until, size }: Part): Promise<LogWindow> {
  const read = await log.logs.read(log.jobId, log.attempt, from, until);
  const whole = read.subarray(0, wholeLines(read, log.isOpen || from + read.length < size));
  const bytes = whole.subarray(0, firstLines(whole));
  const texts = bytes.length === 0 ? [] : decode(bytes).replace(/\n$/, '').split('\n');
  return {
    lines: texts.map((text, index) => ({ number: fromLine + index, text: text.replace(/\r$/, '') })),
    ...{ from, fromLine, next: from + bytes.length, nextLine: fromLine + texts.length, size },
  };
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** How many of the bytes are whole lines; of a line that is longer than a part, as much as was read. */
function wholeLines(bytes: Uint8Array, mayGoOn: boolean): number {
  if (!mayGoOn) return bytes.length;
  const end = bytes.lastIndexOf(lineFeed) + 1;
  return end > 0 || bytes.length < windowBytes ? end : wholeCharacters(bytes);
}

/** Without the beginning of a character of UTF-8 whose rest was not read. */
function wholeCharacters(bytes: Uint8Array): number {
  let start = bytes.length - 1;
  while (start > bytes.length - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const first = bytes[start] ?? 0;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
  return start + length > bytes.length ? start : bytes.length;
}

/** How many of the bytes are the lines that a part may have. */
function firstLines(bytes: Uint8Array): number {
  let end = 0;
  for (let count = 0; count < windowLines; count += 1) {
    end = bytes.indexOf(lineFeed, end) + 1;
    if (end === 0) return bytes.length;
  }
  return end;
}

/** Where the last lines that a part may have begin in the bytes; 0 where all are of them. */
function lastLines(bytes: Uint8Array): number {
  // The line feed at the very end begins no line.
  let at = bytes.length - 1;
  for (let count = 0; count < windowLines && at >= 0; count += 1)
    at = at === 0 ? -1 : bytes.lastIndexOf(lineFeed, at - 1);
  return at + 1;
}

/**
 * Where a part that ends at `until` begins: at the first beginning of a line from `from` on, or later where these are
 * too many lines; at `from` itself where the log has no line's beginning up to `until`.
 */
async function lineStart(log: LogRef, from: number, until: number): Promise<number> {
  const before = Math.max(0, from - 1);
  const bytes = await log.logs.read(log.jobId, log.attempt, before, until);
  const end = from === 0 ? 0 : bytes.indexOf(lineFeed) + 1;
  const start = before + Math.max(end, lastLines(bytes));
  return start <= from || start >= until ? from : start;
}
