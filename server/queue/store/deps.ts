import type { QgjobError } from '../../../protocol/errors.ts';
import type { LibSQLDatabase } from '../../db/drizzle.ts';
import type { WriteQueue } from '../../db/write-queue.ts';
import type { Coalescer } from './coalescer.ts';
import type { Meter } from './meter.ts';

/** What every verb works with. The clock is passed in, so that tests and benchmarks can move it. */
export interface Deps {
  readonly db: LibSQLDatabase;
  /** Statements as text; all writes go through it. */
  readonly sql: WriteQueue;
  /** Epoch ms. */
  readonly now: () => number;
  /** Tells of jumps of the clock ahead; a clock that cannot jump has none. */
  readonly onClockJump?: (listener: () => void) => void;
  /** In [0, 1); for the jitter of backoffs. */
  readonly random: () => number;
  /** The token of a lease, always the same one. */
  readonly leaseToken: (leaseId: string) => string;
  /** Gathers requests for bulk operations. */
  readonly coalescer: Coalescer;
  readonly meter: Meter;
  /** Takes the spans of jobs that belong to a trace; undefined: nothing is traced. */
  readonly traceQueued?: ((span: QueuedSpan) => void) | undefined;
  /** The refusal of new runs while there is hardly room for what is under way, `unavailable`. Undefined: there always is. */
  readonly checkRoom?: (() => Promise<QgjobError | undefined>) | undefined;
  readonly settings: QueueSettings;
}

/** A job that a device has taken: how long it was queued. Instants in epoch ms. */
export interface QueuedSpan {
  readonly traceparent: string;
  readonly from: number;
  readonly to: number;
  readonly jobId: string;
  readonly target: string;
}

export interface QueueSettings {
  readonly leaseTtlMs: number;
  readonly heartbeatMs: number;
  readonly maxRetries: number;
  readonly defaultTarget: string;
  /** The address that links in answers begin with. */
  readonly publicUrl: string;
  /** The greatest age of a token, ms; the operator's has none. */
  readonly maxTokenMs: number;
}

/** A verb that serves many requests at once and answers each one; a request that fails does not affect the others. */
export type BulkOperation<I, O> = (deps: Deps, inputs: readonly I[]) => Promise<PromiseSettledResult<O>[]>;

/** An agent heard at or after this instant is online: one lease TTL without a heartbeat makes it offline. Epoch ms. */
export const onlineSince = ({ now, settings }: Pick<Deps, 'now' | 'settings'>): number =>
  now() - settings.leaseTtlMs;
