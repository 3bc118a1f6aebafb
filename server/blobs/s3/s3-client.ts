import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AwsV4Signer } from 'aws4fetch';
import { type Listing, readListing } from './read-listing.ts';
import { isPassing, readRefusal, s3Error, s3Unreachable } from './s3-error.ts';
import type { S3Place } from './s3-place.ts';

export interface CallOptions {
  readonly query?: Readonly<Record<string, string>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: Uint8Array | ReadableStream<Uint8Array> | undefined;
  /** Ends the call, its retries too. Default: after `callMs`. */
  readonly signal?: AbortSignal | undefined;
  /** Statuses that are answers and no errors, beside those of success. */
  readonly expect?: readonly number[];
}

export interface SignOptions {
  readonly method: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly expiresS: number;
}

/** How long a call may take with its retries, and one try of it, in ms: shorter than agents wait for an answer about a log. */
const standard = { callMs: 6000, tryMs: 4000 };
export type Patience = typeof standard;
const mostTries = 3;
const firstPauseMs = 100;

/** The calls of one bucket. Errors of all: `unavailable`, in words that say what to do. */
export class S3Client {
  readonly place: S3Place;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
  readonly #keys = new Map<string, ArrayBuffer>();
  readonly #patience: Patience;

  constructor(place: S3Place, now: () => number, patience: Partial<Patience> = {}) {
    this.place = place;
    this.now = now;
    this.#patience = { ...standard, ...patience };
  }

  /**
   * One call; repeated on errors that pass, unless its body is a stream. The body of the answer must be read or cancelled.
   * `key`: below the prefix; undefined: the bucket.
   */
  async call(method: string, key: string | undefined, options: CallOptions = {}): Promise<Response> {
    const signal = options.signal ?? AbortSignal.timeout(this.#patience.callMs);
    const tries = options.body instanceof ReadableStream ? 1 : mostTries;
    for (let n = 1; ; n += 1) {
      try {
        const response = await this.#once(method, key, options, signal);
        if (response.ok || options.expect?.includes(response.status)) return response;
        const error = s3Error(this.where, readRefusal(response.status, await response.text()));
        if (n >= tries || !isPassing(response.status)) throw error;
      } catch (error) {
        const isOurs = error instanceof Error && error.name === 'QgjobError';
        if (isOurs || n >= tries || signal.aborted) throw s3Unreachable(this.where, error);
      }
      await sleep(firstPauseMs * 2 ** (n - 1) * (0.5 + Math.random() / 2));
    }
  }

  /** For messages. */
  get where(): string {
    return `${this.place.endpoint}/${this.place.bucket}`;
  }

  async #once(
    method: string,
    key: string | undefined,
    options: CallOptions,
    signal: AbortSignal,
  ): Promise<Response> {
    const { body, headers = {}, query } = options;
    const hash = body instanceof Uint8Array ? sha256Hex(body) : undefined;
    const signer = new AwsV4Signer({
      ...this.#signing(),
      method,
      url: this.#url(key, query).href,
      headers: { ...(hash && { 'x-amz-content-sha256': hash }), ...headers },
    });
    const signed = await signer.sign();
    // Not signed, since proxies change it. Compressed bytes would have no known length.
    signed.headers.set('accept-encoding', 'identity');
    const isStream = body instanceof ReadableStream;
    // A stream goes on for as long as it does; what ends it is its signal.
    const limit =
      isStream || options.signal
        ? signal
        : AbortSignal.any([signal, AbortSignal.timeout(this.#patience.tryMs)]);
    return fetch(signed.url, {
      method,
      headers: signed.headers,
      redirect: 'manual',
      signal: limit,
      ...(body !== undefined && { body: body as RequestInit['body'] }),
      ...(isStream && { duplex: 'half' }),
    });
  }

  /** An address at which anybody may make this one call until it expires. All headers are signed. */
  async sign(key: string, { method, headers = {}, query, expiresS }: SignOptions): Promise<string> {
    const url = this.#url(key, { ...query, 'X-Amz-Expires': String(expiresS) });
    const signer = new AwsV4Signer({
      ...this.#signing(),
      ...{ method, url: url.href, headers: { ...headers }, signQuery: true, allHeaders: true },
    });
    const signed = (await signer.sign()).url;
    // As it was signed: + is no blank to all stores, and a * has more than one way to be written.
    const pairs = [...signed.searchParams].map((pair) => pair.map(percentEncode).join('='));
    return `${signed.origin}${signed.pathname}?${pairs.join('&')}`;
  }

  /** One page of the objects below a prefix; `more`: query parameters. */
  async list(
    prefix: string,
    more: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<Listing> {
    const query = { 'list-type': '2', prefix: `${this.place.prefix}${prefix}`, ...more };
    const response = await this.call('GET', undefined, { query, signal });
    const xml = await response.text().catch((error: unknown) => {
      throw s3Unreachable(this.where, error);
    });
    const listing = readListing(xml);
    const own = (name: string): string => name.slice(this.place.prefix.length);
    return {
      ...listing,
      objects: listing.objects.map((one) => ({ ...one, key: own(one.key) })),
      prefixes: listing.prefixes.map(own),
    };
  }

  #signing() {
    const { accessKeyId, secretAccessKey, region } = this.place;
    const datetime = new Date(this.now()).toISOString().replace(/[:-]|\.\d{3}/g, '');
    return {
      accessKeyId,
      secretAccessKey,
      service: 's3',
      datetime,
      cache: this.#keys,
      ...(region && { region }),
    };
  }

  #url(key: string | undefined, query: Readonly<Record<string, string>> = {}): URL {
    const { endpoint, bucket, prefix } = this.place;
    const url = new URL(`${endpoint}/${bucket}${key === undefined ? '' : `/${prefix}${key}`}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }
}

const sha256Hex = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
