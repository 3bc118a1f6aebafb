import { shortLine } from '../protocol/clean-text.ts';
import { codeOfStatus, type ErrorCode, errorTable, QgjobError } from '../protocol/errors.ts';
import type { RouteName } from '../protocol/routes.ts';
import type { Check } from './check-answer.ts';
import { foreignAnswer } from './foreign-answer.ts';
import { isObject, parseJson } from './json.ts';
import { type Received, retryAfterMs } from './receive.ts';

/**
 * What the server says, by the contract. Only an error with our body, or an answer of the route's own status and shape,
 * is the server's: whatever else comes is from something in between, and means no more than that the server is away.
 * Errors: the server's own, or `unavailable`.
 */
export function readAnswer(url: string, name: RouteName, received: Received, check: Check): unknown {
  if (received.status >= 400) throw refusalOf(url, received) ?? foreignAnswer(url, received);
  const checked = check(name, received);
  if ('why' in checked) throw foreignAnswer(url, received, checked.why);
  return checked.value;
}

/** Undefined: it is not the server's. */
function refusalOf(url: string, { status, headers, bytes, isCut }: Received): QgjobError | undefined {
  const json = isCut ? undefined : parseJson(bytes);
  if (!isObject(json)) return undefined;
  // The health of a server that cannot write is no error body.
  if (status === 503 && json.status === 'unavailable' && typeof json.version === 'string') {
    return new QgjobError('unavailable', `${url} says that it is not ready`, withWait({}, headers));
  }
  if (!isObject(json.error)) return undefined;
  const { code, message, details, request_id: requestId } = json.error;
  const ownCode = ourCode(code, status);
  // Others say {"error": {"code", "message"}} as well; the id of the request is ours.
  if (!ownCode || typeof message !== 'string' || typeof requestId !== 'string') return undefined;
  const { retry_after_ms: _, ...rest } = isObject(details) ? details : {};
  return new QgjobError(ownCode, shortLine(message, 2000), { ...withWait(rest, headers), requestId });
}

/** A code of ours with its own status; one that a newer server has beside them goes by its status. */
function ourCode(code: unknown, status: number): ErrorCode | undefined {
  if (typeof code !== 'string') return undefined;
  if (!Object.hasOwn(errorTable, code))
    return /^[a-z][a-z_]{1,49}$/.test(code) ? codeOfStatus(status) : undefined;
  const known = code as ErrorCode;
  // 416 is how a range that a file does not have is refused.
  const fits = errorTable[known].status === status || (known === 'invalid' && status === 416);
  return fits ? known : undefined;
}

function withWait(details: Record<string, unknown>, headers: Headers): { details?: Record<string, unknown> } {
  const wait = retryAfterMs(headers);
  const all = { ...details, ...(wait !== undefined && { retry_after_ms: wait }) };
  return Object.keys(all).length > 0 ? { details: all } : {};
}
