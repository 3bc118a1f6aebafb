import { randomUUID } from 'node:crypto';

/** Where an error happened: in a call, or in a loop. */
export interface ErrorPlace {
  /** Method and path of the route, with its `:names`. */
  readonly route?: string;
  readonly loop?: string;
  readonly request_id?: string;
  readonly org_id?: string | undefined;
}

/**
 * The fields of the one log line of an error of the server itself. `error_id` is of this line alone, so that whoever collects
 * the log can name it; `err` has the type, the message, the stack and the causes.
 */
export const errorLine = (error: unknown, place: ErrorPlace) => ({
  error_id: randomUUID(),
  ...place,
  err: error instanceof Error ? error : new Error(String(error), { cause: error }),
});
