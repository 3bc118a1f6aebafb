import { shortLine } from '../protocol/clean-text.ts';
import { codeOfStatus, type ErrorCode, errorTable, QgjobError } from '../protocol/errors.ts';
import type { RouteName } from '../protocol/routes.ts';
import type { Check } from './check-answer.ts';
import { foreignAnswer } from './foreign-answer.ts';
import { isObject, parseJson } from './json.ts';
import { type Received, retryAfterMs } from './receive.ts';
import type { HeaderValues } from './send.ts';

/**
 * The answer of a call, checked. An error with our body, or an answer of the route's status and shape, is the server's;
 * anything else comes from something in between, and only means that the server is away. Errors: the server's own, or
 * `unavailable`.
 */
export function readAnswer(url: string, name: RouteName, received: Received, check: Check): unknown {
  if (received.status >= 400) throw refusalOf(url, received) ?? foreignAnswer(url, received);
  const checked = check(name, received);
  if ('why' in checked) throw foreignAnswer(url, received, checked.why);
  return checked.value;
}

/** The server's error; undefined where it is not the server's. */
function refusalOf(url: string, { status, headers, bytes, isCut }: Received): QgjobError | undefined {
  const json = isCut ? undefined : parseJson(bytes);
  if (!isObject(json)) return undefined;
  // The health of a server that cannot write has another body than an error.
  if (status === 503 && json.status === 'unavailable' && typeof json.version === 'string') {
    return new QgjobError('unavailable', `${url} says that it is not ready`, withWait({}, headers));
  }
  if (!isObject(json.error)) return undefined;
  const { code, message, details, request_id: requestId } = json.error;
  const ownCode = ourCode(code, status);
  // Other servers also answer {"error": {"code", "message"}}; the request id is only in ours.
  if (!ownCode || typeof message !== 'string' || typeof requestId !== 'string') return undefined;
  const { retry_after_ms: _, ...rest } = isObject(details) ? details : {};
  return new QgjobError(ownCode, shortLine(message, 2000), { ...withWait(rest, headers), requestId });
}

/** A code of ours, if its status fits; for an unknown code, which a newer server may have, the code of its status. */
function ourCode(code: unknown, status: number): ErrorCode | undefined {
  if (typeof code !== 'string') return undefined;
  if (!Object.hasOwn(errorTable, code))
    return /^[a-z][a-z_]{1,49}$/.test(code) ? codeOfStatus(status) : undefined;
  const known = code as ErrorCode;
  // A range that a file does not have is refused as `invalid` with 416.
  const fits = errorTable[known].status === status || (known === 'invalid' && status === 416);
  return fits ? known : undefined;
}

function withWait(
  details: Record<string, unknown>,
  headers: HeaderValues,
): { details?: Record<string, unknown> } {
  const wait = retryAfterMs(headers);
  const all = { ...details, ...(wait !== undefined && { retry_after_ms: wait }) };
  return Object.keys(all).length > 0 ? { details: all } : {};
}
