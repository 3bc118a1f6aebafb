import type { LibSQLDatabase } from 'drizzle-orm/libsql';
import type { WriteQueue } from '../../db/write-queue.ts';
import type { Coalescer } from './coalescer.ts';

/** What every verb is given. The clock is passed in, so that tests and the bench can move it. */
export interface Deps {
  readonly db: LibSQLDatabase;
  /** Statements as text; all writes go through it. */
  readonly sql: WriteQueue;
  /** Epoch ms. */
  readonly now: () => number;
  /** In [0, 1); jitter of backoffs. */
  readonly random: () => number;
  /** Gathers requests for the verbs that work off many at once. */
  readonly coalescer: Coalescer;
  readonly settings: QueueSettings;
}

export interface QueueSettings {
  readonly leaseTtlMs: number;
  readonly heartbeatMs: number;
  readonly maxRetries: number;
  readonly defaultTarget: string;
  /** Origin that links in answers begin with. */
  readonly publicUrl: string;
}

/** A verb that works off many requests at once and answers each: one that fails does not touch its neighbours. */
export type BulkOperation<I, O> = (deps: Deps, inputs: readonly I[]) => Promise<PromiseSettledResult<O>[]>;
