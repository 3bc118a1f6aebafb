import { setTimeout as sleep } from 'node:timers/promises';
import { askedDelayMs, type Client, mayMendItself } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { stdoutGone } from '../output/print.ts';
import { withSignal } from '../with-signal.ts';
import { JsonScreen, LineScreen, type Screen, TerminalScreen } from './screens.ts';
import type { View } from './view.ts';

export interface WatchOptions {
  readonly everyMs: number;
  readonly json: boolean;
}

type Read = (client: Client) => Promise<View>;

/**
 * Reads again and again, and shows what has changed, until Ctrl-C, until nothing can change any more, or until nobody reads
 * stdout. A server that does not answer is said once, and is asked no sooner than it wants. Resolves to the exit code.
 * Errors: those of the first read, and any that another try would meet again.
 */
export async function watchView(
  client: Client,
  read: Read,
  { everyMs, json }: WatchOptions,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal);
  const over = AbortSignal.any([interrupt.signal, stdoutGone]);
  const screen = openScreen(json);
  // The next read is the next try.
  const once = client.with({ forMs: 0 });
  let isFirst = true;
  try {
    while (!over.aborted) {
      const next = await readOnce(isFirst ? client : once, read, { isFirst, over });
      if (next === undefined) break;
      if (next instanceof QgjobError) screen.lost(next.message);
      else {
        isFirst = false;
        screen.show(next);
        if (next.isOver) break;
      }
      await sleep(Math.max(everyMs, askedDelayMs(next)), undefined, { signal: over }).catch(() => undefined);
    }
  } finally {
    screen.close();
    process.off('SIGINT', onSignal);
  }
  return interrupt.signal.aborted ? exitCodes.interrupted : exitCodes.success;
}

function openScreen(json: boolean): Screen {
  if (json) return new JsonScreen();
  const terminal = new TerminalScreen();
  return terminal.isLive ? terminal : new LineScreen();
}

interface Reading {
  readonly isFirst: boolean;
  readonly over: AbortSignal;
}

/** Undefined once the watch is over. An error that may be over at the next try is a value, once something was read. */
async function readOnce(
  client: Client,
  read: Read,
  { isFirst, over }: Reading,
): Promise<View | QgjobError | undefined> {
  // Of this read alone: nothing of it stays with the watch, which may go on for days.
  const poll = new AbortController();
  const end = (): void => poll.abort();
  over.addEventListener('abort', end);
  try {
    const view = await read(withSignal(client, poll.signal));
    return over.aborted ? undefined : view;
  } catch (error) {
    if (over.aborted) return undefined;
    if (isFirst || !(error instanceof QgjobError) || !mayMendItself(error)) throw error;
    return error;
  } finally {
    over.removeEventListener('abort', end);
  }
}
