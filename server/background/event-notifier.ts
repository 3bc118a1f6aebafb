import type { Deps } from '../queue/store/deps.ts';
import type { EventFeed } from '../queue/store/event-feed.ts';
import { lastEvent, type QueueEvent, readEvents } from '../queue/store/read-events.ts';
import type { WakeUps } from '../queue/store/wake-ups.ts';

export interface EventNotifier {
  /** From now on events are read after every commit. */
  start(): Promise<void>;
  /** Reads the new events and wakes the long polls that wait for them; resolves when that is done. */
  runOnce(): Promise<void>;
  /** Resolves when the current read is over; none begins after it. */
  stop(): Promise<void>;
}

/** Reads that found nothing until it is asked whether there is still what was found before. */
const emptyPerLook = 20;

/** Reads committed events, wakes long polls by them, and hands them to those who follow them. Only the pool waker and a stop wake long polls too. */
export function createEventNotifier(
  deps: Deps,
  wakeUps: WakeUps,
  feed: EventFeed,
  onError: (error: unknown) => void,
): EventNotifier {
  let seq = 0;
  let current: Promise<void> | undefined;
  let again = false;
  let stopped = false;
  let hasFailed = false;
  let empty = 0;

  /** Reads until no event is left: one read answers a limited number, and each commit starts a read only once. */
  async function readAll(): Promise<void> {
    for (;;) {
      const events = await readEvents(deps, seq);
      for (const event of events) wakeFor(wakeUps, event);
      if (events.length > 0) feed.publish(events);
      const last = events.at(-1);
      if (!last) return lookBack();
      seq = last.seq;
    }
  }

  /** A database that was put back to an earlier state gives its numbers again; without this nobody would be woken by them. */
  async function lookBack(): Promise<void> {
    empty += 1;
    if (empty % emptyPerLook === 0) seq = Math.min(seq, await lastEvent(deps));
  }

  /** Of errors in a row only the first is told: a database that is away fails every read. */
  async function drain(): Promise<void> {
    do {
      again = false;
      await readAll().then(
        () => {
          hasFailed = false;
        },
        (error: unknown) => {
          if (!hasFailed) onError(error);
          hasFailed = true;
        },
      );
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

function wakeFor(wakeUps: WakeUps, event: QueueEvent): void {
  if (event.runId !== null) wakeUps.wake(`run:${event.runId}`);
  if (event.jobId !== null) wakeUps.wake(`job:${event.jobId}`);
  // All polls of the pool: a device that is woken alone may leave the work to a warm one, which must then be woken too.
  if (event.poolId !== null && event.n > 0) wakeUps.wake(`pool:${event.poolId}`);
  const isNews = newsForAgents.includes(event.type) || event.isTakenBack;
  if (isNews && event.agentId !== null) wakeUps.wake(`agent:${event.agentId}`);
}
