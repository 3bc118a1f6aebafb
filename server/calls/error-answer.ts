import { shortLine } from '../../protocol/clean-text.ts';
import { type ErrorBody, errorTable, QgjobError } from '../../protocol/errors.ts';
import { maskTokens } from './mask-tokens.ts';
import { UnsatisfiableRange } from './ranges.ts';

// A message quotes what the caller sent: no line end and no terminal sequence of it is passed on.
const messageLength = 500;

/** An error as the wire has it; whoever sends it adds the id to the answer's `x-request-id` too. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: { readonly error: ErrorBody };
}

/** Any thrown thing as an answer: a known one as it is, the rest as `internal`, whose detail is in the log only. */
export function errorAnswer(error: unknown, requestId: string): ErrorAnswer {
  const known = toKnown(error);
  const status = known instanceof UnsatisfiableRange ? 416 : errorTable[known.code].status;
  const isInternal = known.code === 'internal';
  return {
    status,
    headers: {
      'x-request-id': requestId,
      ...(known instanceof UnsatisfiableRange && { 'content-range': `bytes */${known.size}` }),
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...((status === 429 || status === 503) && { 'retry-after': '1' }),
    },
    body: {
      error: {
        code: known.code,
        message: isInternal
          ? `an internal error; its detail is in the server's log under ${requestId}`
          : shortLine(maskTokens(known.message), messageLength),
        ...(known.details && !isInternal && { details: known.details }),
        request_id: requestId,
      },
    },
  };
}

/** Libraries wrap what they catch: the project's own error may be the cause of theirs. */
function toKnown(error: unknown): QgjobError {
  for (let one = error; one instanceof Error; one = one.cause) if (one instanceof QgjobError) return one;
  return new QgjobError('internal', 'unexpected', { cause: error });
}
