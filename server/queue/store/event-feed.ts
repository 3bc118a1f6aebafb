import { QgjobError } from '../../../protocol/errors.ts';
import type { QueueEvent } from './read-events.ts';
import { maySee, type Viewer } from './viewer.ts';

/** Which events somebody follows. */
export interface EventFilter {
  readonly viewer: Viewer;
  readonly runId?: string | undefined;
  readonly jobId?: string | undefined;
}

/** Whether an event is one of those. */
export const isFollowed = (event: QueueEvent, { viewer, runId, jobId }: EventFilter): boolean =>
  maySee(viewer, event.orgId) &&
  (runId === undefined || event.runId === runId) &&
  (jobId === undefined || event.jobId === jobId);

/** Followers on one server, of one org and of one token, at most: each has a socket and a timer. */
const mostFollowers = { all: 5000, perOrg: 500, perToken: 50 };

/** Events that wait for a follower at most; one that reads more slowly than that is told to look again. */
const mostWaiting = 2000;

/** The events of the queue for those who follow them, as the event notifier reads them: nobody reads the table again. */
export class EventFeed {
  readonly #followers = new Set<Follower>();
  readonly #stopped = new AbortController();

  /** Ends when the server stops. */
  get stopped(): AbortSignal {
    return this.#stopped.signal;
  }

  publish(events: readonly QueueEvent[]): void {
    for (const follower of this.#followers) follower.add(events);
  }

  /** Errors: `rate_limited` where there are too many already. `close` the follower at its end, as often as one likes. */
  follow(filter: EventFilter, tokenId: string): Follower {
    const { orgId } = filter.viewer;
    const isFull =
      this.#followers.size >= mostFollowers.all ||
      this.#count((one) => one.tokenId === tokenId) >= mostFollowers.perToken ||
      (orgId !== undefined && this.#count((one) => one.orgId === orgId) >= mostFollowers.perOrg);
    if (isFull)
      throw new QgjobError('rate_limited', 'too many streams of events are open; close one, or try again');
    const follower = new Follower(filter, tokenId, () => this.#followers.delete(follower));
    this.#followers.add(follower);
    return follower;
  }

  #count(isOne: (follower: Follower) => boolean): number {
    let count = 0;
    for (const follower of this.#followers) if (isOne(follower)) count += 1;
    return count;
  }

  stop(): void {
    this.#stopped.abort();
  }
}

/** Who follows events, and what waits for them. */
export class Follower {
  readonly tokenId: string;
  readonly orgId: string | undefined;
  readonly close: () => void;
  readonly #filter: EventFilter;
  #waiting: QueueEvent[] = [];
  #hasMissed = false;
  #wake: (() => void) | undefined;

  constructor(filter: EventFilter, tokenId: string, close: () => void) {
    this.#filter = filter;
    this.orgId = filter.viewer.orgId;
    this.tokenId = tokenId;
    this.close = close;
  }

  add(events: readonly QueueEvent[]): void {
    for (const event of events) {
      if (!isFollowed(event, this.#filter)) continue;
      if (this.#waiting.length < mostWaiting) this.#waiting.push(event);
      else this.#hasMissed = true;
    }
    if (this.#waiting.length > 0) this.#wake?.();
  }

  /** What has come since the last call. `hasMissed`: more came than was kept. */
  take(): { readonly events: readonly QueueEvent[]; readonly hasMissed: boolean } {
    const taken = { events: this.#waiting, hasMissed: this.#hasMissed };
    this.#waiting = [];
    this.#hasMissed = false;
    return taken;
  }

  /** Resolves once something waits; after `ms`; or when the signal ends it. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (this.#waiting.length > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(end, ms);
      signal.addEventListener('abort', end);
      this.#wake = end;
    });
  }
}
