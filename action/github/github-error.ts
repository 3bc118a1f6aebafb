import { isLasting, whatToLookAt } from '../../client/why-unreachable.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { codeOfStatus, type ErrorCode, QgjobError } from '../../protocol/errors.ts';

/** The error that the toolkit throws. */
interface RequestError {
  readonly message?: string;
  readonly status?: number;
  readonly response?: { readonly headers?: Readonly<Record<string, string | number | undefined>> };
}

// GitHub asks for a minute where a limit names no time.
const limitMs = 60_000;

/**
 * An error of a call to GitHub as ours: `rate_limited` and `unavailable` may be tried again. `nowMs` is Unix time, for an
 * answer that does not say its own.
 */
export function toQgjobError(error: unknown, nowMs: number): QgjobError {
  if (error instanceof QgjobError) return error;
  const { message = '', status = 500, response } = error as RequestError;
  const headers = response?.headers ?? {};
  const said = oneLine(message).slice(0, 300);
  const words =
    response === undefined
      ? `GitHub could not be reached: ${whatToLookAt(error, codeIn(error)) ?? said}`
      : `GitHub answered ${status}: ${said}`;
  if (isLimit(status, headers, message))
    return new QgjobError('rate_limited', words, { details: { retry_after_ms: askedMs(headers, nowMs) } });
  const isHopeless = response === undefined && isLasting(error, codeIn(error));
  return new QgjobError(codeOf(status), words, isHopeless ? { details: { is_lasting: true } } : {});
}

/** Node's code of what went wrong on the way, which is in one of the causes. */
function codeIn(error: unknown): string {
  const { code, cause } = error as { code?: unknown; cause?: unknown };
  if (typeof code === 'string') return code;
  return cause instanceof Error ? codeIn(cause) : '';
}

function codeOf(status: number): ErrorCode {
  if (status === 410) return 'not_found';
  return status >= 500 ? 'unavailable' : codeOfStatus(status);
}

type Headers = NonNullable<NonNullable<RequestError['response']>['headers']>;

/** GitHub answers a limit with 429, or with the 403 of a missing permission. */
function isLimit(status: number, headers: Headers, message: string): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  const isSpent = String(headers['x-ratelimit-remaining'] ?? '') === '0';
  return headers['retry-after'] !== undefined || isSpent || /rate limit|abuse detection/i.test(message);
}

function askedMs(headers: Headers, nowMs: number): number {
  const after = Number(headers['retry-after'] ?? Number.NaN);
  if (after >= 0) return after * 1000;
  const reset = Number(headers['x-ratelimit-reset'] ?? Number.NaN);
  const isSpent = String(headers['x-ratelimit-remaining'] ?? '') === '0';
  if (!isSpent || !(reset > 0)) return limitMs;
  // By GitHub's own clock: that of the runner may be off.
  const sentMs = Date.parse(String(headers.date ?? ''));
  return Math.max(0, reset * 1000 - (sentMs > 0 ? sentMs : nowMs));
}
