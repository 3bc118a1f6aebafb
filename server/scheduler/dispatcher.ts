import type { Deps } from '../queue/deps.ts';
import type { Doorbell } from '../queue/doorbell.ts';
import { type Happened, lastEvent, readEvents } from '../queue/read-events.ts';

export interface Dispatcher {
  /** From now on, what happened is read after every commit. */
  start(): Promise<void>;
  /** Reads what happened and wakes the calls that wait for it. */
  runOnce(): Promise<void>;
  /** Says that something may have happened; returns at once. */
  nudge(): void;
}

/** Turns what was written into rings: held polls, held GETs and held heartbeats wake by it, and by nothing else. */
export function createDispatcher(deps: Deps, bell: Doorbell, onError: (error: unknown) => void): Dispatcher {
  let seq = 0;
  let running = false;
  let again = false;

  async function runOnce(): Promise<void> {
    const happened = await readEvents(deps, seq);
    for (const one of happened) ring(bell, one);
    seq = happened.at(-1)?.seq ?? seq;
  }

  async function drain(): Promise<void> {
    running = true;
    do {
      again = false;
      await runOnce().catch(onError);
    } while (again);
    running = false;
  }

  function nudge(): void {
    again = true;
    if (!running) void drain();
  }

  return {
    async start() {
      seq = await lastEvent(deps);
      deps.gate.onCommit(nudge);
    },
    runOnce,
    nudge,
  };
}

function ring(bell: Doorbell, one: Happened): void {
  if (one.runId !== null) bell.ring(`run:${one.runId}`);
  if (one.jobId !== null) bell.ring(`job:${one.jobId}`);
  // As many polls as there is work: one would do for a lease of several jobs, but a second device may be worth it.
  if (one.poolId !== null && one.n > 0) bell.ring(`pool:${one.poolId}`, one.n);
  const isNewsForAgent = one.type === 'cancel_requested' || one.type === 'lease_lost';
  if (isNewsForAgent && one.agentId !== null) bell.ring(`agent:${one.agentId}`);
}
