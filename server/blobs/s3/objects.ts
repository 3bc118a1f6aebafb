import { createHash } from 'node:crypto';
import { pieceFreer } from '../../../host/free-pieces.ts';
import { QgjobError } from '../../../protocol/errors.ts';
import { readRange } from '../incoming-file.ts';
import type { ListedObject } from './read-listing.ts';
import type { S3Client } from './s3-client.ts';
import { s3Unreachable } from './s3-error.ts';

/** How long no bytes may go on, in ms. */
const stallMs = 60_000;

/** The names of objects are made of ids and hashes; anything else must not become a part of an address. */
export function safeKey(key: string): string {
  if (/^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*\/?$/.test(key)) return key;
  throw new QgjobError('not_found', 'there is no file of this name');
}

/** Undefined: there is none. `sha256`: hex, where the store tells it. */
export async function headObject(
  s3: S3Client,
  key: string,
): Promise<{ readonly size: number; readonly sha256?: string } | undefined> {
  const headers = { 'x-amz-checksum-mode': 'ENABLED' };
  const response = await s3.call('HEAD', safeKey(key), { headers, expect: [404] });
  if (response.status === 404) return undefined;
  const checksum = response.headers.get('x-amz-checksum-sha256');
  return {
    size: Number(response.headers.get('content-length')),
    ...(checksum !== null && { sha256: Buffer.from(checksum, 'base64').toString('hex') }),
  };
}

export async function putObject(s3: S3Client, key: string, body: Uint8Array): Promise<void> {
  const response = await s3.call('PUT', safeKey(key), {
    body,
    headers: { 'content-length': String(body.length) },
  });
  await response.body?.cancel();
}

/** A file of the disk, whose hash (hex) is known: one try, as long as its bytes go on. */
export async function putFile(
  s3: S3Client,
  key: string,
  { path, size, sha256 }: { readonly path: string; readonly size: number; readonly sha256: string },
): Promise<void> {
  const stall = new StallTimer();
  async function* chunks() {
    for await (const chunk of readRange(path, 0, size)) {
      stall.restart();
      yield chunk;
    }
  }
  try {
    const headers = { 'content-length': String(size), 'x-amz-content-sha256': sha256 };
    // Nothing has no stream: a length of 0 and a body do not go together.
    const body = size === 0 ? new Uint8Array(0) : ReadableStream.from(chunks());
    const response = await s3.call('PUT', safeKey(key), { body, headers, signal: stall.signal });
    await response.body?.cancel();
  } finally {
    stall.clear();
  }
}

/** The bytes of an object as they come; undefined where there is none. Errors, also in the middle: `unavailable`. */
export async function openObject(
  s3: S3Client,
  key: string,
  range?: { readonly start: number; readonly end: number },
): Promise<{ readonly size: number; readonly chunks: AsyncIterable<Uint8Array> } | undefined> {
  if (range && range.end <= range.start) return { size: 0, chunks: nothing() };
  const stall = new StallTimer();
  const headers = range && { range: `bytes=${range.start}-${range.end - 1}` };
  const response = await s3
    .call('GET', safeKey(key), { headers, expect: [404], signal: stall.signal })
    .finally(() => stall.restart());
  if (response.status === 404) {
    stall.clear();
    await response.body?.cancel();
    return undefined;
  }
  const size = range ? range.end - range.start : Number(response.headers.get('content-length'));
  return { size, chunks: chunksOf(s3, key, response, size, stall) };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

async function* chunksOf(s3: S3Client, key: string, response: Response, size: number, stall: StallTimer) {
  const free = pieceFreer();
  let left = size;
  try {
    for await (const chunk of response.body ?? []) {
      stall.restart();
      // A store that knows no ranges answers the whole.
      if (chunk.length > left) throw new Error(`${key} has more than the ${size} bytes that were asked for`);
      left -= chunk.length;
      yield chunk as Uint8Array;
      free(chunk.length);
    }
  } catch (error) {
    throw s3Unreachable(s3.where, error);
  } finally {
    stall.clear();
  }
  if (left > 0) throw s3Unreachable(s3.where, new Error(`${key} ended ${left} bytes too early`));
}

/** The whole object or a part of it, for small ones; undefined where there is none. */
export async function readObject(
  s3: S3Client,
  key: string,
  range?: { readonly start: number; readonly end: number },
): Promise<Uint8Array | undefined> {
  const headers = range && { range: `bytes=${range.start}-${range.end - 1}` };
  const response = await s3.call('GET', safeKey(key), { headers, expect: [404] });
  const bytes = await response.arrayBuffer().catch((error: unknown) => {
    throw s3Unreachable(s3.where, error);
  });
  if (response.status === 404) return undefined;
  // A store that knows no ranges answers the whole.
  const isWhole = range !== undefined && response.status === 200;
  return isWhole ? new Uint8Array(bytes).subarray(range.start, range.end) : new Uint8Array(bytes);
}

/** Size and hash (hex) of what is there; undefined where nothing is. */
export async function hashObject(
  s3: S3Client,
  key: string,
): Promise<{ size: number; sha256: string } | undefined> {
  const opened = await openObject(s3, key);
  if (!opened) return undefined;
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of opened.chunks) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest('hex') };
}

/** All objects below a prefix, a page at a time. */
export async function* listObjects(s3: S3Client, prefix: string): AsyncGenerator<readonly ListedObject[]> {
  for (let next: Readonly<Record<string, string>> | undefined = {}; next; ) {
    const page = await s3.list(prefix === '' ? '' : safeKey(prefix), next);
    yield page.objects;
    next = page.next;
  }
}

/** Objects that one call deletes, at most. */
const deletedAtOnce = 1000;
/** Some stores do not know that call. */
const unknownCall = [400, 404, 405, 411, 501];

export async function deleteObjects(s3: S3Client, keys: readonly string[]): Promise<void> {
  for (let at = 0; at < keys.length; at += deletedAtOnce)
    await deleteSome(s3, keys.slice(at, at + deletedAtOnce));
}

async function deleteSome(s3: S3Client, keys: readonly string[]): Promise<void> {
  if (keys.length === 1) return deleteOne(s3, keys[0] ?? '');
  const names = keys.map((key) => `<Object><Key>${s3.place.prefix}${safeKey(key)}</Key></Object>`).join('');
  const body = Buffer.from(`<Delete><Quiet>true</Quiet>${names}</Delete>`);
  const headers = { 'content-md5': createHash('md5').update(body).digest('base64') };
  const response = await s3.call('POST', undefined, {
    query: { delete: '' },
    body,
    headers,
    expect: unknownCall,
  });
  const text = await response.text();
  if (response.ok && !text.includes('<Error>')) return;
  for (const key of keys) await deleteOne(s3, key);
}

async function deleteOne(s3: S3Client, key: string): Promise<void> {
  const response = await s3.call('DELETE', safeKey(key), { expect: [404] });
  await response.body?.cancel();
}

class StallTimer {
  readonly #over = new AbortController();
  readonly #timer = setTimeout(() => this.#over.abort(new DOMException('stalled', 'TimeoutError')), stallMs);

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  restart(): void {
    this.#timer.refresh();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
