import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { Logger } from 'pino';
import { type ErrorBody, errorTable, QgjobError } from '../../protocol/errors.ts';

/** Any thrown thing as the wire's error: a known one as it is, the rest as `internal` with its detail in the log only. */
export function answerError(c: Context, error: unknown, requestId: string, log: Logger): Response {
  // Hono's own refusals (a body over the limit, say) know their answer; anything else would turn a 413 into a 500.
  if (error instanceof HTTPException) return error.getResponse();
  const known =
    error instanceof QgjobError ? error : new QgjobError('internal', 'unexpected', { cause: error });
  const { status, retryable } = errorTable[known.code];
  if (status >= 500) log.error({ request_id: requestId, err: error }, known.message);
  const isInternal = known.code === 'internal';
  const body: ErrorBody = {
    code: known.code,
    message: isInternal
      ? `an internal error; its detail is in the server's log under ${requestId}`
      : known.message,
    ...(known.details && !isInternal && { details: known.details }),
    request_id: requestId,
  };
  if (retryable) c.header('retry-after', '1');
  return c.json({ error: body }, status as ContentfulStatusCode);
}
