import { setTimeout as sleep } from 'node:timers/promises';
import { errorTable, QgjobError } from '../protocol/errors.ts';

export interface RetryRule {
  /** Give up after this time, in ms, since the first try or the last error that `isWaitedOut`. 0: never try again. */
  readonly forMs: number;
  /** The longest first delay, in ms. Default 500; a test need not wait. */
  readonly firstDelayMs?: number | undefined;
  /** Which errors are worth another try. Default: those that the table of errors calls retryable. */
  readonly isRetryable?: ((error: QgjobError) => boolean) | undefined;
  /** Errors after which it is tried without end, and from which the time counts anew: a server that is away, say. */
  readonly isWaitedOut?: ((error: QgjobError) => boolean) | undefined;
  /** Called before each further try. */
  readonly onRetry?: ((error: QgjobError, delayMs: number) => void) | undefined;
}

const standardDelayMs = 500;
const maxDelayMs = 10_000;

/**
 * The one retry rule of action, cli and agent: a call that is safe to repeat is tried again on `rate_limited`,
 * `unavailable` (also when no answer came) and `internal`, unless the rule says other errors, after 0.25 to 0.5 s and twice that each time, up to 10 s, and
 * never before the server's Retry-After. Throws the last error, or the reason of an aborted signal.
 */
export async function withRetry<T>(
  call: () => Promise<T>,
  repeatable: boolean,
  rule: RetryRule,
  signal?: AbortSignal,
): Promise<T> {
  const { isRetryable: isWorthIt = isRetryable, firstDelayMs = standardDelayMs } = rule;
  let since = performance.now();
  for (let tries = 0; ; tries += 1) {
    try {
      return await call();
    } catch (error) {
      if (!repeatable || !(error instanceof QgjobError) || !isWorthIt(error)) throw error;
      const drawn = retryDelayMs(tries, { firstMs: firstDelayMs, maxMs: maxDelayMs, least: 0.5 });
      const delay = Math.max(drawn, askedDelayMs(error));
      if (rule.isWaitedOut?.(error)) since = performance.now();
      else if (performance.now() - since + delay > rule.forMs) throw error;
      rule.onRetry?.(error, delay);
      await sleep(delay, undefined, { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

export function isRetryable(error: unknown): error is QgjobError {
  return error instanceof QgjobError && errorTable[error.code].retryable;
}

/** The same without what stays as it is until somebody mends it: a wrong certificate, a proxy that refuses (`is_lasting`). */
export const mayMendItself = (error: QgjobError): boolean =>
  isRetryable(error) && error.details?.is_lasting !== true;

export interface DelayRule {
  /** The longest first delay; the longest of all. In ms. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** The shortest delay, as a part of the longest: 0.5 draws between half of it and the whole. */
  readonly least: number;
}

/** The delay after so many tries: it doubles with each, and is drawn at random so that many callers spread out. */
export function retryDelayMs(tries: number, { firstMs, maxMs, least }: DelayRule): number {
  return Math.min(maxMs, firstMs * 2 ** tries) * (least + (1 - least) * Math.random());
}

/** What the server asked for (Retry-After), in ms; 0 where it asked for nothing. */
export function askedDelayMs(error: unknown): number {
  return error instanceof QgjobError ? Number(error.details?.retry_after_ms ?? 0) : 0;
}
