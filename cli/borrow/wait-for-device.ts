import type { Client } from '../../client/index.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import type { Borrow } from '../../protocol/shapes/borrow.ts';
import { LiveLine } from '../output/live-line.ts';
import { say } from '../output/print.ts';

/** So long a call is held: the place in the queue is asked for as often. */
const pollMs = 5000;

export interface Waited {
  readonly borrow: Borrow;
  readonly exitCode: number;
}

/**
 * Waits for the device, with the place in the queue on stderr. An interrupt or the end of `timeoutMs` gives it up. Errors:
 * the server's.
 */
export async function waitForDevice(
  client: Client,
  asked: Borrow,
  timeoutMs: number | undefined,
): Promise<Waited> {
  const interrupt = new AbortController();
  const onSignal = (): void => interrupt.abort();
  process.once('SIGINT', onSignal);
  const line = new LiveLine();
  try {
    return await wait(client, asked, { signal: interrupt.signal, timeoutMs, line });
  } finally {
    line.clear();
    process.off('SIGINT', onSignal);
  }
}

interface Options {
  readonly signal: AbortSignal;
  readonly timeoutMs: number | undefined;
  readonly line: LiveLine;
}

async function wait(client: Client, asked: Borrow, { signal, timeoutMs, line }: Options): Promise<Waited> {
  const ends = timeoutMs === undefined ? undefined : performance.now() + timeoutMs;
  const params = { id: asked.borrow_id };
  let borrow = asked;
  let said = '';
  while (borrow.status === 'waiting') {
    const words = wordsOf(borrow);
    if (words !== said && !line.isLive) say(words);
    said = words;
    line.draw(() => words);
    const left = ends === undefined ? pollMs : ends - performance.now();
    if (left <= 0) return giveUp(client, borrow, exitCodes.waitTimedOut, 'the wait timed out');
    const waitMs = Math.ceil(Math.min(pollMs, left));
    try {
      borrow = await client.call('getBorrow', { params, query: { wait_ms: waitMs }, signal });
    } catch (error) {
      if (signal.aborted) return giveUp(client, borrow, exitCodes.interrupted, 'interrupted');
      throw error;
    }
  }
  return { borrow, exitCode: exitCodes.success };
}

/** It may have begun meanwhile: then it is given back. */
async function giveUp(
  client: Client,
  { borrow_id: id }: Borrow,
  exitCode: number,
  why: string,
): Promise<Waited> {
  const borrow = await client.call('returnBorrow', { params: { id } });
  say(`qgjob: ${why}: the request for the device is given up`);
  return { borrow, exitCode };
}

const wordsOf = ({ device, target, position, waits_for: what }: Borrow): string =>
  `waiting for ${device?.name ?? target}: number ${position} in the queue${what === null ? '' : `; ${what}`}`;
