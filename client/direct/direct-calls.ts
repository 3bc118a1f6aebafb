import type { Upload } from '../../protocol/contract.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { FileAddress, UploadPlan } from '../../protocol/shapes/upload.ts';
import { isLoopback } from '../server-url.ts';
import { Stall } from '../stall.ts';
import { safeHeaders } from './safe-headers.ts';

/** What of a server's endpoint these calls need: never its token. */
interface Parts {
  readonly url: string;
  readonly userAgent?: string | undefined;
  readonly fetch?: typeof globalThis.fetch | undefined;
}

/** How long nothing is sent to a host that did not answer well, and nothing asked of a server that names no addresses. */
const brokenMs = 60_000;
const unaskedMs = 10 * 60_000;
/** How long no bytes may come, or go out, in ms; and how long the end of an upload may take. */
const comingMs = 30_000;
const goingMs = 60_000;

/**
 * The calls of addresses that a server names for the bytes of files: without its token, without redirects. What cannot be
 * had there comes and goes through the server, and for a while nobody tries that host again.
 */
export class DirectCalls {
  readonly #parts: Parts;
  /** Monotonic, by origin. */
  readonly #brokenUntil = new Map<string, number>();
  #askUploadsAt = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Whether the server may name an address for an upload. */
  get mayUpload(): boolean {
    return performance.now() >= this.#askUploadsAt;
  }

  /** Uploads go through this server; it is asked again later. */
  noteThroughServer(): void {
    this.#askUploadsAt = performance.now() + unaskedMs;
  }

  /** The bytes at an address as they come; undefined where they cannot be had. Errors in the middle: `unavailable`. */
  async open(
    address: FileAddress | undefined,
    signal?: AbortSignal,
  ): Promise<AsyncIterable<Uint8Array> | undefined> {
    const url = address && this.#usable(address.url);
    if (!address || !url) return undefined;
    const stall = new Stall(comingMs, url.origin);
    const response = await this.#send(url, { headers: { 'accept-encoding': 'identity' } }, stall, signal);
    const length = response?.headers.get('content-length') ?? address.size;
    if (response?.status === 200 && Number(length) === address.size)
      return this.#checked(url, { response, stall, signal }, address);
    stall.clear();
    await this.#giveUp(url, response);
    return undefined;
  }

  /** Sends a file to the address of a plan. False: the address did not take it. Errors: the reason of the signal. */
  async put({ url: text, headers }: UploadPlan, body: Upload, signal?: AbortSignal): Promise<boolean> {
    const url = text === null ? undefined : this.#usable(text);
    const own = headers && safeHeaders(headers, body.size);
    if (!url || !own) return false;
    const stall = new Stall(goingMs, url.origin);
    // A stream needs a length, and an empty one has none.
    const stream = body.size === 0 ? new Uint8Array(0) : watched(body.stream(), stall);
    const init = { method: 'PUT', headers: own, body: stream, duplex: 'half' } as RequestInit;
    const response = await this.#send(url, init, stall, signal).finally(() => stall.clear());
    if (response?.ok) await response.body?.cancel();
    else await this.#giveUp(url, response);
    return response?.ok ?? false;
  }

  /** What came there was not what was sent, say. */
  noteBroken(text: string | null): void {
    const url = text === null ? null : URL.parse(text);
    if (url) this.#noteBroken(url);
  }

  /** Undefined for an address that must not, or would not, be called. */
  #usable(text: string): URL | undefined {
    const url = URL.parse(text);
    const isPlainName = url?.username === '' && url.password === '';
    if (!url || !isPlainName) return undefined;
    const isPlain =
      url.protocol === 'http:' && (isLoopback(url.hostname) || this.#parts.url.startsWith('http:'));
    if (url.protocol !== 'https:' && !isPlain) return undefined;
    return performance.now() < (this.#brokenUntil.get(url.origin) ?? 0) ? undefined : url;
  }

  /** Undefined: no answer. */
  async #send(
    url: URL,
    init: RequestInit,
    stall: Stall,
    signal?: AbortSignal,
  ): Promise<Response | undefined> {
    const { userAgent, fetch = globalThis.fetch } = this.#parts;
    const headers = {
      ...(init.headers as Record<string, string>),
      ...(userAgent && { 'user-agent': userAgent }),
    };
    const either = signal ? AbortSignal.any([signal, stall.signal]) : stall.signal;
    try {
      return await fetch(url.href, { ...init, headers, redirect: 'manual', signal: either });
    } catch {
      signal?.throwIfAborted();
      return undefined;
    }
  }

  async *#checked(
    url: URL,
    { response, stall, signal }: { response: Response; stall: Stall; signal: AbortSignal | undefined },
    { size, sha256 }: FileAddress,
  ): AsyncGenerator<Uint8Array> {
    const { createHash } = await import('node:crypto');
    const hash = createHash('sha256');
    let got = 0;
    try {
      for await (const chunk of response.body ?? []) {
        stall.restart();
        got += chunk.length;
        if (got > size) break;
        hash.update(chunk);
        yield chunk;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#broken(url, `broke in the middle: ${(error as Error).message}`, error);
    } finally {
      stall.clear();
    }
    if (got !== size || hash.digest('hex') !== sha256)
      throw this.#broken(url, 'sent other bytes than those of the hash');
  }

  #broken(url: URL, what: string, cause?: unknown): QgjobError {
    this.#noteBroken(url);
    return new QgjobError(
      'unavailable',
      `${url.origin}, where the server keeps its files, ${what}; try again`,
      {
        cause,
      },
    );
  }

  async #giveUp(url: URL, response: Response | undefined): Promise<void> {
    this.#noteBroken(url);
    await response?.body?.cancel().catch(() => undefined);
  }

  #noteBroken({ origin }: URL): void {
    this.#brokenUntil.set(origin, performance.now() + brokenMs);
  }
}

const watched = (stream: ReadableStream<Uint8Array>, stall: Stall): ReadableStream<Uint8Array> =>
  stream.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        stall.restart();
        controller.enqueue(chunk);
      },
    }),
  );
