import type { Context } from 'hono';
import { QgjobError } from '../../protocol/errors.ts';

// A body without a declared length that is too large is refused once it has come whole, or once this much has come.
const discardedBytes = 64 * 1024 * 1024;

// Bodies that are read whole are small: one that takes longer only keeps a socket busy.
const bodyTimeoutMs = 300_000;

/** The same for callers who have shown no token yet. */
export const strangerTimeoutMs = 10_000;

/** A body that is read while it comes. */
export interface IncomingBody {
  /** In bytes, where the caller has declared it. */
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
 * The whole body, of at most `maxSize` bytes. A larger one is not kept: with a declared length it is refused unread;
 * without one the rest is read and thrown away, so that the caller gets the answer and may use the connection again.
 * Errors: `too_large`, `invalid` when the caller hung up in the middle or is slower than `waitMs`.
 */
export async function readBody(c: Context, maxSize: number, waitMs = bodyTimeoutMs): Promise<Uint8Array> {
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
