import type { Context } from 'hono';
import { QgjobError } from '../../protocol/errors.ts';

// A caller hears the refusal of a body without a declared length once it has sent it all, or this much.
const discardedBytes = 64 * 1024 * 1024;

// What is read whole is small: a body that trickles in for longer only keeps a socket.
const patienceMs = 300_000;

/** A body that is read as it comes. */
export interface IncomingBody {
  /** Bytes, where the caller has said so. */
  readonly size: number | undefined;
  /** Throws `invalid` when the caller hangs up in the middle. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

export function streamBody(c: Context): IncomingBody {
  const declared = c.req.header('content-length');
  return { size: declared === undefined ? undefined : Number(declared), chunks: readOn(c.req.raw.body) };
}

async function* readOn(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw endedEarly(error);
  }
}

/**
 * The whole body, of at most `maxSize` bytes. What is too large is not kept: a declared length is refused unread, the
 * rest of an undeclared one is read and thrown away, so that the caller gets the answer and may use the connection
 * again. Errors: `too_large`, `invalid` when the caller hung up in the middle or is slower than `waitMs`.
 */
export async function readBody(c: Context, maxSize: number, waitMs = patienceMs): Promise<Uint8Array> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow(waitMs)), waitMs);
  try {
    return await Promise.race([readWhole(c, maxSize), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function readWhole(c: Context, maxSize: number): Promise<Uint8Array> {
  const declared = c.req.header('content-length');
  const isTooLarge = (size: number): boolean => size > maxSize;
  if (isTooLarge(Number(declared ?? 0))) throw tooLarge(maxSize);
  try {
    // Node lets no more through than was declared.
    if (declared !== undefined) return new Uint8Array(await c.req.arrayBuffer());
    const { size, chunks } = await readChunks(c.req.raw.body, isTooLarge);
    if (!isTooLarge(size)) return Buffer.concat(chunks);
  } catch (error) {
    throw endedEarly(error);
  }
  throw tooLarge(maxSize);
}

async function readChunks(body: ReadableStream<Uint8Array> | null, isTooLarge: (size: number) => boolean) {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (!isTooLarge(size)) chunks.push(chunk);
    if (size > discardedBytes) break;
  }
  return { size, chunks };
}

const endedEarly = (cause: unknown) =>
  new QgjobError('invalid', 'the body ended early; send it again', { cause });

const tooSlow = (ms: number) =>
  new QgjobError('invalid', `the body did not come within ${ms / 1000} s; send it again`);

const tooLarge = (maxSize: number) =>
  new QgjobError('too_large', `the body is larger than the ${maxSize} bytes that this call takes; send less`);
