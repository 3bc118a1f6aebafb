import type { AnswerOf, QueryOf } from '../protocol/contracts.ts';
import { formatDuration } from '../protocol/durations.ts';
import { QgjobError } from '../protocol/errors.ts';
import type { Client } from './client.ts';
import { isRetryable } from './retry.ts';

export interface LongPollOptions {
  readonly signal?: AbortSignal | undefined;
  /** Stop waiting after this many ms and answer what is known; what was waited for goes on. Absent: no limit. */
  readonly timeoutMs?: number | undefined;
  /** How long the server may be away before the wait gives up, in ms. Default 10 minutes. */
  readonly outageMs?: number | undefined;
  readonly onRetry?: ((message: string) => void) | undefined;
}

interface Question {
  readonly afterRev: number;
  readonly holdMs: number;
  readonly known: boolean;
}

/** The calls of one wait. */
export interface LongPolls {
  isOver(): boolean;
  /**
   * Asks for what is newer than `afterRev`, held up to `holdMs`. Undefined when the time was over while the server
   * was away, and something is `known` to answer with instead.
   */
  ask<N extends 'getRun' | 'getJob'>(
    name: N,
    id: string,
    question: Question,
  ): Promise<AnswerOf<N> | undefined>;
}

/** What the network may add to a long poll's `wait_ms` before the call counts as lost, in ms. */
export const longPollSlackMs = 10_000;

/** Long polls that outlast an outage, once the server has answered at all, and never the wait's own end. */
export function createLongPolls(client: Client, options: LongPollOptions): LongPolls {
  const deadline = performance.now() + (options.timeoutMs ?? Number.POSITIVE_INFINITY);
  const left = () => Math.max(0, deadline - performance.now());
  const outageMs = options.outageMs ?? 600_000;
  return {
    isOver: () => left() === 0,
    async ask<N extends 'getRun' | 'getJob'>(name: N, id: string, { afterRev, holdMs, known }: Question) {
      const waitMs = Math.floor(Math.min(holdMs, left()));
      const forMs = Math.min(outageMs, left());
      const patient = known
        ? client.with({ forMs, onRetry: (error) => options.onRetry?.(error.message) })
        : client;
      try {
        return await patient.call(name, {
          params: { id },
          // Both routes take the same query, which a generic name hides from the compiler.
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

/** Nothing is known of what was waited for but that it was not final when the server was last heard. */
function givenUp(error: QgjobError, outageMs: number): QgjobError {
  const { code, message, details, requestId } = error;
  const words = `no good answer of the server for ${formatDuration(outageMs)}, so the wait is given up; what was waited for goes on. The last try: ${message}`;
  return new QgjobError(code, words, { details, requestId, cause: error });
}
