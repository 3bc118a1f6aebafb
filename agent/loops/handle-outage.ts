import { setTimeout as sleep } from 'node:timers/promises';
import { askedDelayMs, retryDelayMs } from '../../client/index.ts';
import { errorTable, QgjobError } from '../../protocol/errors.ts';
import type { Agent } from '../agent.ts';
import { longestTimerMs, type Timing } from '../timing.ts';

type BackOffTiming = Pick<Timing, 'backOffMs' | 'maxBackOffMs'>;

/** The pauses between the tries of one loop: each up to twice the one before, at least what the server asked for. */
export class BackOff {
  readonly #timing: BackOffTiming;
  readonly #mostAskedMs: number;
  #tries = 0;
  /** Tries in a row in which the token was refused. */
  refusals = 0;

  /** `mostAskedMs`: the longest pause that the server may ask for. */
  constructor(timing: BackOffTiming, mostAskedMs: number = Number.POSITIVE_INFINITY) {
    this.#timing = timing;
    this.#mostAskedMs = mostAskedMs;
  }

  reset(): void {
    this.#tries = 0;
    this.refusals = 0;
  }

  /** The next pause in ms. */
  nextMs(askedMs = 0): number {
    const { backOffMs: firstMs, maxBackOffMs: maxMs } = this.#timing;
    const drawn = retryDelayMs(this.#tries, { firstMs, maxMs, least: 0.1 });
    this.#tries += 1;
    return Math.max(Math.min(askedMs, this.#mostAskedMs), drawn);
  }
}

/** Sleeps; an abort ends it early and is no error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  // A longer timer, and one that is no number, would fire at once.
  const bounded = Math.min(Number.isNaN(ms) ? longestTimerMs : ms, longestTimerMs);
  await sleep(bounded, undefined, { signal }).catch(() => undefined);
}

/**
 * What a loop does after a call that failed: it waits, so that no answer makes a loop ask again at once. False: the
 * agent ends, since another one took its name or its token was refused too often in a row. The outage belongs to
 * `backOff`, until the loop says that it is over.
 */
export async function handleOutage(
  agent: Agent,
  error: unknown,
  backOff: BackOff,
  over: AbortSignal,
): Promise<boolean> {
  const known = error instanceof QgjobError ? error : undefined;
  if (known?.code === 'replaced') {
    return endAgent(agent, known, `another agent named ${agent.config.name} has started; this one ends`);
  }
  if (known?.code === 'unauthorized' || known?.code === 'forbidden') {
    backOff.refusals += 1;
    if (backOff.refusals >= agent.timing.refusals) {
      return endAgent(agent, known, `the server refuses this agent's token: ${known.message}`);
    }
  }
  agent.outages.say(`${(error as Error).message} (trying again)`, backOff);
  await pause(backOff.nextMs(askedDelayMs(error)), over);
  return true;
}

function endAgent(agent: Agent, error: QgjobError, line: string): false {
  agent.outages.say(line, agent);
  agent.stop.requestKill(errorTable[error.code].exitCode);
  return false;
}
