import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { type Client, createClient } from '../../client/index.ts';
import { error, json, serve } from '../../client/test-support/serve.ts';
import type { View } from './view.ts';
import { watchView } from './watch-view.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('what a watch has read is forgotten, however long it goes on', async () => {
  const seen: WeakRef<object>[] = [];
  let kept = 0;
  const read = async (): Promise<View> => {
    const answer = { many: Array.from({ length: 1000 }, () => seen.length) };
    seen.push(new WeakRef(answer));
    const isOver = seen.length === 60;
    if (isOver) {
      await turn();
      collect();
      kept = seen.filter((one) => one.deref() !== undefined).length;
    }
    return { json: [], lines: () => [String(answer.many)], isOver };
  };
  const client = createClient({ url: 'http://127.0.0.1:9' });
  expect(await watchView(client, read, { everyMs: 0, json: true })).toBe(0);
  expect(kept).toBeLessThan(10);
});

const noRuns: View = { json: [], lines: () => [] };

test('Ctrl-C ends the call that is in flight', async () => {
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const { promise: closed, resolve: isClosed } = Promise.withResolvers<void>();
  const server = await serve((response) => {
    response.once('close', isClosed);
    isAsked();
  });
  const read = (client: Client): Promise<View> => client.call('listRuns').then(() => noRuns);
  const watching = watchView(createClient(server), read, { everyMs: 0, json: true });
  await asked;
  process.emit('SIGINT');
  expect(await watching).toBe(130);
  await closed;
});

test('an error that may pass is waited out, one that stays as it is ends a watch', async () => {
  const server = await serve(json(200, { runs: [], next_cursor: null }), error(429, 'rate_limited'));
  const badCertificate = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const client = createClient({
    url: server.url,
    fetch: (url, init) => (server.seen.length < 2 ? fetch(url, init) : Promise.reject(badCertificate)),
  });
  const read = (one: Client): Promise<View> => one.call('listRuns').then(() => noRuns);
  await expect(watchView(client, read, { everyMs: 0, json: true })).rejects.toMatchObject({
    code: 'unavailable',
    details: { is_lasting: true },
  });
  expect(server.seen).toHaveLength(2);
});
