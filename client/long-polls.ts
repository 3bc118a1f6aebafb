import type { AnswerOf, QueryOf } from '../protocol/contracts.ts';
import { formatDuration } from '../protocol/durations.ts';
import { QgjobError } from '../protocol/errors.ts';
import type { Client } from './client.ts';
import { isRetryable } from './retry.ts';

export interface LongPollOptions {
  readonly signal?: AbortSignal | undefined;
  /** Stops the wait after this many ms and returns what is known; the run or job goes on. Absent: no limit. */
  readonly timeoutMs?: number | undefined;
  /** How long the server may be away before the wait gives up, in ms. Default 10 minutes. */
  readonly outageMs?: number | undefined;
  readonly onRetry?: ((message: string) => void) | undefined;
}

interface Poll {
  readonly afterRev: number;
  readonly longestMs: number;
  /** Whether an answer is there already. */
  readonly known: boolean;
}

/** The calls of one wait. */
export interface LongPolls {
  isOver(): boolean;
  /**
   * One long poll for what is newer than `afterRev`, of `longestMs` at most. Undefined when the wait was over while the
   * server was away and an answer is `known` already.
   */
  poll<N extends 'getRun' | 'getJob'>(name: N, id: string, poll: Poll): Promise<AnswerOf<N> | undefined>;
}

/** What the network may add to a long poll's `wait_ms` before the call counts as lost, in ms. */
export const longPollSlackMs = 10_000;

/** Long polls that outlast an outage once the server has answered at all, but not the end of the wait. */
export function createLongPolls(client: Client, options: LongPollOptions): LongPolls {
  const deadline = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const left = () => Math.max(0, deadline - performance.now());
  const outageMs = options.outageMs ?? 600_000;
  return {
    isOver: () => left() === 0,
    async poll<N extends 'getRun' | 'getJob'>(name: N, id: string, { afterRev, longestMs, known }: Poll) {
      const waitMs = Math.floor(Math.min(longestMs, left()));
      const forMs = Math.min(outageMs, left());
      const retrying = known
        ? client.with({ forMs, isRetryable, onRetry: (error) => options.onRetry?.(error.message) })
        : client;
      try {
        return await retrying.call(name, {
          params: { id },
          // Both routes take this query; with a generic name the compiler cannot see it.
          query: { after_rev: afterRev, wait_ms: waitMs } as unknown as QueryOf<N>,
          signal: options.signal,
          timeoutMs: waitMs + longPollSlackMs,
        });
      } catch (error) {
        if (!known || !isRetryable(error)) throw error;
        if (forMs < outageMs) return undefined;
        throw givenUp(error, outageMs);
      }
    },
  };
}

/** Whether the run or job has ended meanwhile is not known. */
function givenUp(error: QgjobError, outageMs: number): QgjobError {
  const { code, message, details, requestId } = error;
  const words = `no good answer of the server for ${formatDuration(outageMs)}, so the wait is given up; what was waited for goes on. The last try: ${message}`;
  return new QgjobError(code, words, { details, requestId, cause: error });
}
