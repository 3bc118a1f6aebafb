import type * as z from 'zod';

/** A file to send; a Blob is one. */
export interface Upload {
  /** Bytes. */
  readonly size: number;
  /** The bytes from the first one on; each try of the call opens it anew. */
  stream(): ReadableStream<Uint8Array>;
}

/**
 * The shapes of a call. `bytes`: raw octets, read whole. `stream`: octets that are too many for that. `none`: no body.
 * Without a `query` or a `body` the call takes none.
 */
export interface Contract {
  readonly query?: z.ZodType;
  readonly body?: z.ZodType | 'bytes' | 'stream';
  /** Bytes of a JSON body; absent: `limits.jsonBodyBytes`. */
  readonly bodyBytes?: number;
  readonly answer: z.ZodType | 'bytes' | 'none';
}
