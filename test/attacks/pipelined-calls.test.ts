import { expect, test } from 'vitest';
import { openRaw } from '../support/raw-connection.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

/** A connection on which a client writes calls without waiting for their answers. */
const openPipe = ({ url }: TestServer) => openRaw(Number(new URL(url).port));

const health = 'GET /health/live HTTP/1.1\r\nhost: a\r\n\r\n';
const follow = (token: string): string =>
  `GET /v1/events HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\naccept: text/event-stream\r\n\r\n`;
const answers = (text: string): number => text.match(/HTTP\/1\.1 200/g)?.length ?? 0;

test('whoever opens connections takes none from a client that still waits for one of several answers', async () => {
  const server = await startTestServer({ flags: { max_connections: '16' } });
  const waiting = await openPipe(server);
  // Answered at once, and then one that is not over.
  waiting.socket.write(health + health + follow(server.adminToken));
  await expect.poll(() => answers(waiting.seen.text)).toBe(3);
  for (let n = 0; n < 40; n += 1) {
    const other = await openPipe(server);
    other.socket.write(health);
    await expect.poll(() => answers(other.seen.text)).toBe(1);
  }
  expect(waiting.seen.isClosed).toBe(false);
});

test('once all of them are answered, the connection is as quiet as others', async () => {
  const server = await startTestServer({ flags: { max_connections: '16' } });
  const quiet = await openPipe(server);
  quiet.socket.write(health.repeat(5));
  await expect.poll(() => answers(quiet.seen.text)).toBe(5);
  for (let n = 0; n < 20; n += 1) {
    const other = await openPipe(server);
    other.socket.write(health);
    await expect.poll(() => answers(other.seen.text)).toBe(1);
  }
  expect(quiet.seen.isClosed).toBe(true);
});
