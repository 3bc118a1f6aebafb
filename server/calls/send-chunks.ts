import type { Context } from 'hono';
import type { FileReply } from './file-reply.ts';

/**
 * The answer whose bytes are read while they are sent. For HEAD nothing is read: what was opened for it is given back,
 * since nobody would come to its end. With the end of the caller's token (`signal`) the connection is cut, also while the
 * caller reads nothing: a file that just ended early would look whole.
 */
export async function sendChunks(
  c: Context,
  { status, headers, chunks, endsItself }: FileReply,
  signal: AbortSignal,
): Promise<Response> {
  if (c.req.method === 'HEAD') {
    await chunks[Symbol.asyncIterator]().return?.();
    return c.body(null, status, { ...headers });
  }
  if (!endsItself) cutWith(signal, c.env?.outgoing);
  const stream = ReadableStream.from(chunks) as ReadableStream<Uint8Array<ArrayBuffer>>;
  return c.body(stream, status, { ...headers });
}

/** The connection, where the call came by one. */
interface Outgoing {
  destroy(): unknown;
  once(event: 'close', listener: () => void): unknown;
}

function cutWith(signal: AbortSignal, outgoing: Outgoing | undefined): void {
  if (!outgoing) return;
  const cut = (): void => void outgoing.destroy();
  if (signal.aborted) cut();
  else signal.addEventListener('abort', cut, { once: true });
  outgoing.once('close', () => signal.removeEventListener('abort', cut));
}
