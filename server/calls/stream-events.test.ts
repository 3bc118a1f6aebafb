import { expect, test } from 'vitest';
import { anyOrg, openTestQueue } from '../../test/support/queue.ts';
import { EventFeed } from '../queue/store/event-feed.ts';
import { streamEvents } from './stream-events.ts';

const recheck = async () => undefined;

/** More than one token may have at a time. */
const many = Array.from({ length: 200 });

async function openStreams() {
  const { deps } = await openTestQueue();
  const feed = new EventFeed();
  const open = (signal = new AbortController().signal) =>
    streamEvents(deps, feed, {
      ...{ filter: { viewer: anyOrg }, tokenId: 'tok_1', after: undefined },
      ...{ signal, recheck },
    });
  return { open };
}

test('a stream that is given back before it begins counts no more', async () => {
  const { open } = await openStreams();
  for (const _ of many) await open()[Symbol.asyncIterator]().return?.();
});

test('a stream that nobody reads counts no more once its caller is gone, before or after it was opened', async () => {
  const { open } = await openStreams();
  for (const _ of many) open(AbortSignal.abort());
  for (const _ of many) {
    const caller = new AbortController();
    open(caller.signal);
    caller.abort();
  }
  expect(await open()[Symbol.asyncIterator]().next()).toMatchObject({ done: false });
});
