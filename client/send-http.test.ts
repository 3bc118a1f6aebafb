import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { receive } from './receive.ts';
import { sendHttp } from './send-http.ts';
import { type Answer, serve } from './test-support/serve.ts';

/** A server whose answer begins with this and does not end; `closed` when the socket of the call is. */
async function open(coding: string, begin: string | Uint8Array) {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  const answer: Answer = (response, request) => {
    request.socket.once('close', () => resolve());
    response.writeHead(200, { 'content-encoding': coding });
    response.write(begin);
  };
  const { url } = await serve(answer);
  return { answered: await sendHttp(url, { method: 'GET', headers: {}, redirect: 'manual' }), closed };
}

test.each(['gzip', 'br'])('an answer that is not the %s it claims to be leaves no socket', async (coding) => {
  const { answered, closed } = await open(coding, 'not packed at all, whatever its head says');
  await expect(receive('health', answered)).rejects.toThrow();
  await closed;
});

test('a packed answer that is not read to its end leaves no socket', async () => {
  const { answered, closed } = await open('gzip', gzipSync('a page'));
  for await (const chunk of answered.body ?? []) {
    expect(Buffer.from(chunk).toString()).toBe('a page');
    break;
  }
  await closed;
});
