import { setTimeout as sleep } from 'node:timers/promises';
import { errorTable, QgjobError } from '../protocol/errors.ts';

export interface RetryRule {
  /** Give up once this much time has passed since the first try, in ms. 0 never repeats. */
  readonly forMs: number;
  /** The longest first delay, in ms. Default 500; a test need not wait. */
  readonly firstDelayMs?: number | undefined;
  /** Called before each further try. */
  readonly onRetry?: ((error: QgjobError, delayMs: number) => void) | undefined;
}

const standardDelayMs = 500;
const maxDelayMs = 10_000;

/**
 * The one retry rule of action, cli and agent: a call that is safe to repeat is tried again on `rate_limited`,
 * `unavailable`, `internal` and when no answer came, after 0.25 to 0.5 s and twice that each time, up to 10 s, and never
 * before the server's Retry-After. Throws the last error, or the reason of an aborted signal.
 */
export async function withRetry<T>(
  call: () => Promise<T>,
  repeatable: boolean,
  rule: RetryRule,
  signal?: AbortSignal,
): Promise<T> {
  const started = performance.now();
  for (let n = 0; ; n += 1) {
    try {
      return await call();
    } catch (error) {
      const delay = delayBefore(n, error, rule.firstDelayMs ?? standardDelayMs);
      const spent = performance.now() - started;
      if (!repeatable || !isRetryable(error) || spent + delay > rule.forMs) throw error;
      rule.onRetry?.(error, delay);
      await sleep(delay, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

export function isRetryable(error: unknown): error is QgjobError {
  return error instanceof QgjobError && errorTable[error.code].retryable;
}

function delayBefore(retries: number, error: unknown, firstDelayMs: number): number {
  const cap = Math.min(maxDelayMs, firstDelayMs * 2 ** retries);
  const jittered = cap * (0.5 + Math.random() / 2);
  const asked = error instanceof QgjobError ? Number(error.details?.retry_after_ms ?? 0) : 0;
  return Math.max(jittered, asked);
}
