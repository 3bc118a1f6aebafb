import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { readBody } from './read-body.ts';

/** The result for a body that comes in these pieces, with this timeout. */
async function read(body: ReadableStream<Uint8Array>, waitMs?: number): Promise<string> {
  const app = new Hono();
  app.onError((error, c) => c.text(error.message));
  app.put('/', async (c) => c.text(new TextDecoder().decode(await readBody(c, 100, waitMs))));
  return (await app.request('/', { method: 'PUT', body, duplex: 'half' } as RequestInit)).text();
}

const pieces = (...texts: string[]) =>
  ReadableStream.from(texts.map((text) => new TextEncoder().encode(text)));

test('a body is read from its first piece to its last', async () => {
  expect(await read(pieces('one, ', 'two'))).toBe('one, two');
});

test('a body that never ends to come is given up', async () => {
  const stuck = new ReadableStream<Uint8Array>({ start: (it) => it.enqueue(new Uint8Array([65])) });
  expect(await read(stuck, 20)).toBe('the body did not come within 0.02 s; send it again');
});
