import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, isRetryable } from '../../client/index.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { stdoutGone } from '../output/print.ts';
import { JsonScreen, LineScreen, type Screen, TerminalScreen } from './screens.ts';
import type { View } from './view.ts';

export interface WatchOptions {
  readonly everyMs: number;
  readonly json: boolean;
}

/**
 * Reads again and again, and shows what has changed, until Ctrl-C, until nothing can change any more, or until nobody reads
 * stdout. A server that does not answer is said once. Resolves to the exit code. Errors: those of the first read, and any
 * that another try would meet again.
 */
export async function watchView(
  client: Client,
  read: (client: Client) => Promise<View>,
  { everyMs, json }: WatchOptions,
): Promise<number> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal);
  const over = AbortSignal.any([interrupt.signal, stdoutGone]);
  const screen = openScreen(json);
  // The next read is the next try.
  const once = client.with({ forMs: 0 });
  let view: View | undefined;
  try {
    for (;;) {
      const next = await orAborted(readOnce(view === undefined ? client : once, read, view), over);
      if (next === undefined) break;
      if (next instanceof Error) screen.lost(next.message);
      else {
        view = next;
        screen.show(view);
        if (view.isOver) break;
      }
      await sleep(everyMs, undefined, { signal: over }).catch(() => undefined);
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

/** An error that may be over at the next try is a value, once something was read. */
async function readOnce(
  client: Client,
  read: (client: Client) => Promise<View>,
  before: View | undefined,
): Promise<View | Error> {
  try {
    return await read(client);
  } catch (error) {
    if (before === undefined || !isRetryable(error)) throw error;
    return error as Error;
  }
}

/** Undefined once the signal aborts: a call that hangs does not keep the person. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const aborted = new Promise<undefined>((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  return Promise.race([work, aborted]);
}
