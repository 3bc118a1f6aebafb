/**
 * One table of error codes, both ways: the HTTP status, whether the same call may be tried again, and the
 * CLI's exit code (2 usage, 3 refused, 4 server or network).
 */
export const errorTable = {
  invalid: { status: 400, retryable: false, exitCode: 2 },
  no_device: { status: 400, retryable: false, exitCode: 2 },
  unauthorized: { status: 401, retryable: false, exitCode: 3 },
  forbidden: { status: 403, retryable: false, exitCode: 3 },
  not_found: { status: 404, retryable: false, exitCode: 3 },
  conflict: { status: 409, retryable: false, exitCode: 3 },
  lease_lost: { status: 409, retryable: false, exitCode: 3 },
  job_cancelled: { status: 409, retryable: false, exitCode: 3 },
  replaced: { status: 409, retryable: false, exitCode: 3 },
  too_large: { status: 413, retryable: false, exitCode: 2 },
  rate_limited: { status: 429, retryable: true, exitCode: 4 },
  unavailable: { status: 503, retryable: true, exitCode: 4 },
  internal: { status: 500, retryable: true, exitCode: 4 },
} as const;

export type ErrorCode = keyof typeof errorTable;
export const errorCodes = Object.keys(errorTable) as [ErrorCode, ...ErrorCode[]];

/** What an error says on the wire, inside `{"error": …}`. */
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

/** The one error of the project. A failing test is a value, never one of these. */
export class QgjobError extends Error {
  override readonly name = 'QgjobError';
  readonly code: ErrorCode;
  readonly details: Record<string, unknown> | undefined;
  /** Set on an error that a server answered. */
  readonly requestId: string | undefined;
  /** What a program that ends with it exits with: that of its code, unless it is told otherwise. */
  readonly exitCode: number;

  constructor(code: ErrorCode, message: string, extra: ErrorExtra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.code = code;
    this.details = extra.details;
    this.requestId = extra.requestId;
    this.exitCode = extra.exitCode ?? errorTable[code].exitCode;
  }
}

/** The code for an HTTP status that came without a body of ours (a proxy's page, say). */
export function codeOfStatus(status: number): ErrorCode {
  const found = Object.entries(errorTable).find(([, entry]) => entry.status === status);
  if (found) return found[0] as ErrorCode;
  if (status === 502 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid';
}
