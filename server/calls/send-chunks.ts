import type { Context } from 'hono';
import type { FileReply } from './file-reply.ts';

/**
 * The answer whose bytes are read while they are sent. For HEAD nothing is read: what was opened for it is given back,
 * since nobody would come to its end.
 */
export async function sendChunks(c: Context, { status, headers, chunks }: FileReply): Promise<Response> {
  if (c.req.method === 'HEAD') {
    await chunks[Symbol.asyncIterator]().return?.();
    return c.body(null, status, { ...headers });
  }
  const stream = ReadableStream.from(chunks) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return c.body(stream, status, { ...headers });
}
