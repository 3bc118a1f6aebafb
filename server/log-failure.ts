import type { Logger } from 'pino';
import { QgjobError } from '../protocol/errors.ts';
import { errorLine } from './calls/error-line.ts';

/** Logs an error that no call is answered with. What passes by itself, like a database that is away, is a warning. */
export const logFailure =
  (log: Logger, text: string, fields: { readonly loop: string }) =>
  (error: unknown): void => {
    const isAway = error instanceof QgjobError && error.code === 'unavailable';
    log[isAway ? 'warn' : 'error'](errorLine(error, fields), text);
  };

export const loopFailed = 'a loop failed; it goes on';
