import { type LogRef, type LogWindow, readBefore, readEnd, readOn } from '../../log/log-window.ts';
import { type Match, searchLog } from '../../log/search-log.ts';
import type { PageCall } from '../../page.ts';
import { readNumber } from '../../read-query.ts';

export interface ShownLog {
  readonly window: LogWindow;
  /** What is searched for. */
  readonly wanted: string | undefined;
  readonly found: { readonly matches: readonly Match[]; readonly isMore: boolean } | undefined;
  /** The part shown is the last one, and the attempt goes on: what comes is added. */
  readonly follows: boolean;
}

const mostWanted = 200;

/** The part of a log that a page asks for: `offset` or `before`, with the number of a line; without these the last part. */
export async function readLog(log: LogRef, call: Pick<PageCall, 'query'>): Promise<ShownLog> {
  const [offset, before] = [readNumber(call, 'offset'), readNumber(call, 'before')];
  const line = readNumber(call, 'line', { least: 1 }) ?? 1;
  const wanted = call.query('q')?.slice(0, mostWanted);
  const isEnd = offset === undefined && before === undefined;
  const window =
    offset !== undefined
      ? await readOn(log, offset, line)
      : before !== undefined
        ? await readBefore(log, before, line)
        : await readEnd(log);
  return {
    ...{ window, wanted },
    found: wanted === undefined ? undefined : await searchLog(log, wanted),
    follows: isEnd && log.isOpen,
  };
}
