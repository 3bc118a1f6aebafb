import type { Deps } from '../queue/store/deps.ts';
import { type Happened, lastEvent, readEvents } from '../queue/store/read-events.ts';
import type { WakeUps } from '../queue/store/wake-ups.ts';

export interface EventNotifier {
  /** From now on, what happened is read after every commit. */
  start(): Promise<void>;
  /** Reads what happened and wakes the calls that wait for it; resolves when that is done. */
  runOnce(): Promise<void>;
  /** Resolves when the reading under way is over; nothing is read from now on. */
  stop(): Promise<void>;
}

/** Turns what was written into wake-ups: long polls of all kinds wake by it, and by nothing else. */
export function createEventNotifier(
  deps: Deps,
  wakeUps: WakeUps,
  onError: (error: unknown) => void,
): EventNotifier {
  let seq = 0;
  let current: Promise<void> | undefined;
  let again = false;
  let stopped = false;

  /** Read until nothing is left: one answer holds a limited number of events, and a commit nudges only once. */
  async function readAll(): Promise<void> {
    for (;;) {
      const happened = await readEvents(deps, seq);
      for (const one of happened) wakeFor(wakeUps, one);
      const last = happened.at(-1);
      if (!last) return;
      seq = last.seq;
    }
  }

  async function drain(): Promise<void> {
    do {
      again = false;
      await readAll().catch(onError);
    } while (again && !stopped);
    current = undefined;
  }

  async function runOnce(): Promise<void> {
    again = true;
    if (!stopped) current ??= drain();
    await current;
  }

  return {
    async start() {
      seq = await lastEvent(deps);
      deps.sql.onCommit(() => void runOnce());
    },
    runOnce,
    async stop() {
      stopped = true;
      await current;
    },
  };
}

const newsForAgents = ['cancel_requested', 'lease_lost', 'drain'];

function wakeFor(wakeUps: WakeUps, one: Happened): void {
  if (one.runId !== null) wakeUps.wake(`run:${one.runId}`);
  if (one.jobId !== null) wakeUps.wake(`job:${one.jobId}`);
  // Every poll of the pool: one that is woken alone may leave the work to a warm device, which then has to hear of it.
  if (one.poolId !== null && one.n > 0) wakeUps.wake(`pool:${one.poolId}`);
  if (newsForAgents.includes(one.type) && one.agentId !== null) wakeUps.wake(`agent:${one.agentId}`);
}
