import type { LogStore } from '../../blobs/log-store.ts';

const chunkBytes = 1024 * 1024;
const lineFeed = 10;
const mostKept = 1000;

interface CountedLog {
  readonly logs: Pick<LogStore, 'read'>;
  readonly jobId: string;
  readonly attempt: number;
}

interface Counted {
  readonly offset: number;
  readonly lines: number;
}

/** A log only grows: what was counted once is not read again. By log store, then by attempt, the last used last. */
const counted = new WeakMap<Pick<LogStore, 'read'>, Map<string, Counted>>();

/** How many lines of the log end before `offset`. */
export async function countLines({ logs, jobId, attempt }: CountedLog, offset: number): Promise<number> {
  const kept = keptFor(logs);
  const key = `${jobId} ${attempt}`;
  const last = kept.get(key);
  let { offset: from, lines } = last && last.offset <= offset ? last : { offset: 0, lines: 0 };
  while (from < offset) {
    const bytes = await logs.read(jobId, attempt, from, Math.min(offset, from + chunkBytes));
    if (bytes.length === 0) break;
    lines += lineFeeds(bytes);
    from += bytes.length;
  }
  kept.delete(key);
  kept.set(key, { offset: from, lines });
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return lines;
}

function keptFor(logs: CountedLog['logs']): Map<string, Counted> {
  const kept = counted.get(logs) ?? new Map<string, Counted>();
  counted.set(logs, kept);
  return kept;
}

function lineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) count += 1;
  return count;
}
