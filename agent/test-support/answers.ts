import { type ErrorCode, errorTable } from '../../protocol/errors.ts';

/** What the fake server answers to a call. */
export type Answer = { readonly status: number; readonly body?: unknown };

export const ok = (body: unknown): Answer => ({ status: 200, body });
export const empty: Answer = { status: 204 };

export const refusal = (code: ErrorCode, message: string, details?: object): Answer => ({
  status: errorTable[code].status,
  body: { error: { code, message, ...(details && { details }) } },
});
