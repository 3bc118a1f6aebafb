import { exitCodes } from './exit-codes.ts';

/**
 * Every error code: its HTTP status, whether the same call may be tried again, and the exit code of a program that ends
 * with it.
 */
export const errorTable = {
  invalid: { status: 400, retryable: false, exitCode: exitCodes.usage },
  no_device: { status: 400, retryable: false, exitCode: exitCodes.usage },
  unauthorized: { status: 401, retryable: false, exitCode: exitCodes.refused },
  forbidden: { status: 403, retryable: false, exitCode: exitCodes.refused },
  not_found: { status: 404, retryable: false, exitCode: exitCodes.refused },
  conflict: { status: 409, retryable: false, exitCode: exitCodes.refused },
  lease_lost: { status: 409, retryable: false, exitCode: exitCodes.refused },
  job_cancelled: { status: 409, retryable: false, exitCode: exitCodes.refused },
  replaced: { status: 409, retryable: false, exitCode: exitCodes.refused },
  too_large: { status: 413, retryable: false, exitCode: exitCodes.usage },
  rate_limited: { status: 429, retryable: true, exitCode: exitCodes.unavailable },
  unavailable: { status: 503, retryable: true, exitCode: exitCodes.unavailable },
  internal: { status: 500, retryable: true, exitCode: exitCodes.unavailable },
} as const;

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

/** An error on the wire: `{"error": ErrorBody}`. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  details?: Record<string, unknown>;
  request_id?: string;
}

interface ErrorExtra {
  readonly details?: Record<string, unknown>;
  readonly requestId?: string;
  readonly exitCode?: number;
  readonly cause?: unknown;
}

/** The one error class of the project. A failing test is a value, never one of these. */
export class QgjobError extends Error {
  override readonly name = 'QgjobError';
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  /** Only of an error that a qgjob server answered. */
  readonly requestId: string | undefined;
  /** Of a program that ends with this error: the one of its code, unless another one is given. */
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, extra: ErrorExtra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.code = code;
    this.details = extra.details;
    this.requestId = extra.requestId;
    this.exitCode = extra.exitCode ?? errorTable[code].exitCode;
  }
}

/** The code for an HTTP status whose answer has no code of ours: a proxy's page, say. */
export function codeOfStatus(status: number): ErrorCode {
  const found = Object.entries(errorTable).find(([, entry]) => entry.status === status);
  if (found) return found[0] as ErrorCode;
  if (status === 502 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid';
}
