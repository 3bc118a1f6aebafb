export type SentBody = string | Uint8Array | ReadableStream<Uint8Array>;

/** The part of what `fetch` takes that calls use. */
export interface SentInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: SentBody | undefined;
  readonly duplex?: 'half';
  readonly redirect: 'manual';
  readonly signal?: AbortSignal | undefined;
}

/** The part of a `Response` that calls use. */
export interface Answered {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: HeaderValues;
  readonly body: AsyncIterable<Uint8Array> | null;
}

export interface HeaderValues {
  get(name: string): string | null;
}

export type Send = (url: string, init: SentInit) => Promise<Answered>;
