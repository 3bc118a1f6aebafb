import { setTimeout as sleep } from 'node:timers/promises';
import { errorTable, QgjobError } from '../protocol/errors.ts';

export interface RetryRule {
  /** Give up once this much time has passed since the first try, in ms. 0 never repeats. */
  readonly forMs: number;
  /** Called before each further try. */
  readonly onRetry?: ((error: QgjobError, delayMs: number) => void) | undefined;
}

const firstDelayMs = 250;
const maxDelayMs = 10_000;

/**
 * The one retry rule of action, cli and agent: a call that is safe to repeat is tried again on `rate_limited`,
 * `unavailable`, `internal` and when no answer came, with full jitter, never before the server's Retry-After.
 * Throws the last error.
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
      const delay = delayBefore(n + 1, error);
      const spent = performance.now() - started;
      if (!repeatable || !isRetryable(error) || spent + delay > rule.forMs) throw error;
      rule.onRetry?.(error, delay);
      await sleep(delay, undefined, { signal });
    }
  }
}

export function isRetryable(error: unknown): error is QgjobError {
  return error instanceof QgjobError && errorTable[error.code].retryable;
}

function delayBefore(retry: number, error: unknown): number {
  const cap = Math.min(maxDelayMs, firstDelayMs * 2 ** retry);
  const jittered = cap * (0.5 + Math.random() / 2);
  const asked = error instanceof QgjobError ? Number(error.details?.retry_after_ms ?? 0) : 0;
  return Math.max(jittered, asked);
}
