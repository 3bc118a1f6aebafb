import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { type Behaviour, reset, startReceiver } from '../../test/support/receiver.ts';
import { allowedAddresses } from './allowed-addresses.ts';
import { type OutsideCall, postOutside } from './post-outside.ts';

const loopback = allowedAddresses(['127.0.0.1']);
const none = allowedAddresses([]);

const post = (url: string, more: Partial<OutsideCall> = {}) =>
  postOutside({
    ...{ url, headers: { 'x-mark': '1' }, body: '{"a":1}', allowed: loopback, timeoutMs: 60_000 },
    ...{ signal: new AbortController().signal, ...more },
  });

test('a call arrives with its headers and body, and answers a status', async () => {
  const receiver = await startReceiver(202);
  expect(await post(receiver.url)).toEqual({ status: 202, askedMs: undefined });
  expect(receiver.received).toMatchObject([
    { path: '/hook', text: '{"a":1}', headers: { 'x-mark': '1', 'content-length': '7' } },
  ]);
});

test('a redirect to this host is an answer like another, and nobody follows it', async () => {
  const inside = await startReceiver();
  const receiver = await startReceiver((_, response) =>
    response.writeHead(307, { location: inside.url }).end(),
  );
  expect(await post(receiver.url)).toMatchObject({ status: 307 });
  expect(inside.received).toEqual([]);
});

test.each([
  ['its own name', 'localhost'],
  ['its address', '127.0.0.1'],
  ['its address in IPv6', '[::ffff:127.0.0.1]'],
])('a URL that leads to this host by %s is not called', async (_, host) => {
  const receiver = await startReceiver();
  const url = `https://${host}:${receiver.port}/`;
  await expect(post(url, { allowed: none })).rejects.toThrow('an address of a private network');
  expect(receiver.received).toEqual([]);
});

test('a name of which one address is inside is not called', async () => {
  const receiver = await startReceiver();
  const resolve = async () => [
    { address: '1.1.1.1', family: 4 },
    { address: '127.0.0.1', family: 4 },
  ];
  const url = `https://hooks.example.com:${receiver.port}/`;
  await expect(post(url, { allowed: none, resolve })).rejects.toThrow('leads to 127.0.0.1');
});

test('the name is asked for once, and the address of that answer is called, whatever the name says next', async () => {
  const receiver = await startReceiver();
  const answers = [{ address: '127.0.0.1', family: 4 }];
  let asked = 0;
  const resolve = async () => {
    asked += 1;
    return answers.splice(0);
  };
  // No DNS knows this name: only the pinned address can have been used.
  expect(await post(`http://rebind.invalid:${receiver.port}/`, { resolve })).toMatchObject({ status: 204 });
  expect(asked).toBe(1);
  expect(receiver.received[0]?.headers.host).toBe(`rebind.invalid:${receiver.port}`);
});

test('plain http to a public address is refused also where other receivers are listed', async () => {
  const resolve = async () => [{ address: '1.1.1.1', family: 4 }];
  await expect(post('http://hooks.example.com/', { resolve })).rejects.toThrow('plain http');
});

test('a host that the operator lists by its name is called wherever it leads', async () => {
  const receiver = await startReceiver();
  const allowed = allowedAddresses(['localhost']);
  expect(await post(`http://localhost:${receiver.port}/`, { allowed })).toMatchObject({ status: 204 });
});

const silent: Behaviour = () => undefined;
const endless: Behaviour = (_, response) => {
  response.writeHead(200);
  const write = async () => {
    while (!response.destroyed) {
      response.write('x'.repeat(16_384));
      await turn();
    }
  };
  void write();
};

test('an answer without an end is read to the limit, and its status counts', async () => {
  const receiver = await startReceiver(endless);
  expect(await post(receiver.url)).toMatchObject({ status: 200 });
});

test('a receiver that says nothing is left when its time is over', async () => {
  const receiver = await startReceiver(silent);
  await expect(post(receiver.url, { timeoutMs: 50 })).rejects.toThrow('no answer within 0.05 s');
});

test('the stop of the server ends a call', async () => {
  const receiver = await startReceiver(silent);
  const stop = new AbortController();
  const posted = post(receiver.url, { signal: stop.signal });
  await receiver.has(1);
  stop.abort();
  await expect(posted).rejects.toThrow();
});

test.each([
  ['a broken connection', reset, 'the connection broke'],
  [
    'headers without an end',
    ((_, response) => response.writeHead(200, { 'x-long': 'x'.repeat(40_000) }).end()) satisfies Behaviour,
    'headers of the answer',
  ],
])('%s is told in words', async (_, behaviour, says) => {
  const receiver = await startReceiver(behaviour);
  await expect(post(receiver.url)).rejects.toThrow(says);
});

test('an unknown host and a closed port are told in words', async () => {
  const unknown = Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' });
  await expect(post('https://x.invalid/', { resolve: () => Promise.reject(unknown) })).rejects.toThrow(
    'unknown host',
  );
  await expect(post('http://127.0.0.1:1/')).rejects.toThrow('the connection was refused');
});

test('Retry-After in seconds is read', async () => {
  const receiver = await startReceiver((_, response) =>
    response.writeHead(429, { 'retry-after': '120' }).end(),
  );
  expect(await post(receiver.url)).toEqual({ status: 429, askedMs: 120_000 });
});
