import { longestStreamMs, type StreamedEvent } from '../../protocol/shapes/events.ts';
import type { Deps } from '../queue/store/deps.ts';
import type { EventFeed, EventFilter, Follower } from '../queue/store/event-feed.ts';
import { isFollowed } from '../queue/store/event-feed.ts';
import { firstEvent, lastEvent, type QueueEvent, readEvents } from '../queue/store/read-events.ts';
import { toInstant } from '../queue/store/to-wire.ts';

/** How often it is looked whether the token is still good, beside the end of its calls (`LiveCalls`). */
const recheckMs = 5000;
/** So many rechecks between two comments that keep proxies from cutting a silent stream: 15 s. */
const checksPerBeat = 3;
/** Whoever was away for more events than this reads again what it shows: that is less work than to read them all. */
const mostMissed = 10_000;

export interface StreamInput {
  readonly filter: EventFilter;
  readonly tokenId: string;
  /** The header Last-Event-ID: the number of the last event that the caller has; undefined: from now on. */
  readonly after: string | undefined;
  /** How long it goes on, ms. */
  readonly waitMs?: number | undefined;
  readonly signal: AbortSignal;
  /** Throws once the token is no longer valid. */
  readonly recheck: () => Promise<unknown>;
}

/**
 * Events as text of `text/event-stream`, from behind `after` on, in order and each once. A first event `ready` says from
 * where on, and `reset` that some are missing: then the caller reads again what it shows. Ends by itself after ten minutes, at a
 * stop, with the token, and with the caller. Errors: `rate_limited`, before anything is answered.
 */
export function streamEvents(deps: Deps, feed: EventFeed, input: StreamInput): AsyncIterable<Uint8Array> {
  const gone = new AbortController();
  const signal = AbortSignal.any([input.signal, gone.signal, feed.stopped]);
  // It follows before the first read, so that nothing in between is missed.
  const follower = feed.follow(input.filter, input.tokenId);
  // Not only at the end of `follow`: of a stream that nobody begins to read nothing runs.
  if (signal.aborted) follower.close();
  else signal.addEventListener('abort', follower.close, { once: true });
  const lines = follow(deps, follower, { ...input, signal });
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => lines.next(),
      // Not only `lines.return()`: that waits for the event that the stream waits for.
      return: () => {
        gone.abort();
        return lines.return(undefined);
      },
    }),
  };
}

async function* follow(
  deps: Deps,
  follower: Follower,
  input: StreamInput,
): AsyncGenerator<Uint8Array, undefined> {
  const { waitMs = longestStreamMs, signal, recheck } = input;
  const end = performance.now() + waitMs;
  try {
    let last = await lastEvent(deps);
    for await (const text of missed(deps, input, last)) yield* encode(text);
    for (let checks = 1; ; checks += 1) {
      const { events, hasMissed } = follower.take();
      const fresh = events.filter(({ seq }) => seq > last);
      last = fresh.at(-1)?.seq ?? last;
      yield* encode(fresh.map(toText).join('') + (hasMissed ? resetAt(last) : ''));
      const left = end - performance.now();
      if (left <= 0 || signal.aborted) return undefined;
      await follower.wait(Math.min(left, recheckMs), signal);
      if (
        await recheck().then(
          () => false,
          () => true,
        )
      )
        return undefined;
      if (checks % checksPerBeat === 0) yield* encode(': still here\n\n');
    }
  } finally {
    follower.close();
  }
}

/** What the caller has missed up to the event `last`, as it is read. */
async function* missed(deps: Deps, { after, filter }: StreamInput, last: number): AsyncGenerator<string> {
  const from = after !== undefined && /^\d{1,15}$/.test(after) ? Number(after) : undefined;
  if (from === undefined) return yield `id: ${last}\nevent: ready\ndata: {"seq":${last}}\n\n`;
  const first = (await firstEvent(deps)) ?? last;
  if (from > last || from < first - 1 || last - from > mostMissed) return yield resetAt(last);
  yield `id: ${from}\nevent: ready\ndata: {"seq":${from}}\n\n`;
  for (let seq = from; seq < last; ) {
    const events = await readEvents(deps, seq);
    const some = events.filter((event) => event.seq <= last && isFollowed(event, filter));
    yield some.map(toText).join('');
    seq = events.at(-1)?.seq ?? last;
  }
}

const resetAt = (seq: number): string => `id: ${seq}\nevent: reset\ndata: {"seq":${seq}}\n\n`;

function toText(event: QueueEvent): string {
  const { seq, type, orgId: org_id, runId: run_id, jobId: job_id, at } = event;
  const data = { seq, type, org_id, run_id, job_id, at: toInstant(at) } satisfies StreamedEvent;
  return `id: ${seq}\ndata: ${JSON.stringify(data)}\n\n`;
}

const encoder = new TextEncoder();

function* encode(text: string): Generator<Uint8Array> {
  if (text !== '') yield encoder.encode(text);
}

/** How such a stream is answered: nothing on its way may keep it. */
export const eventHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};
