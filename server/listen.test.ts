import { expect, onTestFinished, test } from 'vitest';
import { fetchRaw } from '../test/support/server.ts';
import { expectRefusal } from '../test/support/world.ts';
import { type Listening, listen } from './listen.ts';

async function openDoor(host = '127.0.0.1'): Promise<Listening> {
  const door = await listen(host, 0);
  onTestFinished(() => door.close(0));
  return door;
}

test('calls that come before the app is there are put off', async () => {
  const door = await openDoor();
  const answer = await fetchRaw(`${door.url}/v1/runs`, 'GET', {});
  expectRefusal(answer, 503, 'unavailable');
  expect(answer.headers.get('retry-after')).toBe('1');
  expect(answer.json.error.message).toBe('the server is starting; try again');
});

test('a stop lets the call under way end, on a connection that is then closed, and lets no other in', async () => {
  const door = await openDoor();
  const arrived = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<Response>();
  let calls = 0;
  door.open(() => {
    calls += 1;
    arrived.resolve();
    return ending.promise;
  });
  const underWay = fetch(door.url);
  await arrived.promise;
  const closed = door.close(60_000);
  await expect(fetch(door.url)).rejects.toThrow();
  ending.resolve(new Response('done'));
  const answer = await underWay;
  expect(await answer.text()).toBe('done');
  expect(answer.headers.get('connection')).toBe('close');
  await closed;
  expect(calls).toBe(1);
});

test('a stop waits no longer than the time it is given', async () => {
  const door = await openDoor();
  const arrived = Promise.withResolvers<void>();
  door.open(() => {
    arrived.resolve();
    return new Promise(() => undefined);
  });
  const never = expect(fetch(door.url)).rejects.toThrow();
  await arrived.promise;
  await door.close(10);
  await never;
});

test('a stop waits for the call of a caller that has hung up', async () => {
  const door = await openDoor();
  const arrived = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<Response>();
  door.open(() => {
    arrived.resolve();
    return ending.promise;
  });
  const hangUp = new AbortController();
  const gone = expect(fetch(door.url, { signal: hangUp.signal })).rejects.toThrow();
  await arrived.promise;
  hangUp.abort();
  await gone;
  let isClosed = false;
  const closed = door.close(60_000).then(() => {
    isClosed = true;
  });
  for (let n = 0; n < 50; n += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  ending.resolve(new Response('done'));
  await closed;
});

test('a taken port is refused with what to do', async () => {
  const door = await openDoor();
  const port = Number(new URL(door.url).port);
  await expect(listen('127.0.0.1', port)).rejects.toMatchObject({
    code: 'unavailable',
    message: `cannot listen on 127.0.0.1:${port}: the port is in use; stop what runs there, or choose another --port`,
  });
});

test('an address of another machine is refused', async () => {
  await expect(listen('192.0.2.1', 0)).rejects.toMatchObject({ code: 'unavailable' });
});

test('a server on every address says one that clients here can use', async () => {
  const door = await openDoor('0.0.0.0');
  expect(door.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  door.open(() => new Response('here'));
  expect(await (await fetch(door.url)).text()).toBe('here');
});
