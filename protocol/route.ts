import type { Scope } from './states.ts';

/**
 * Every call of the API: its way in, the scope that its token needs, and how its success is answered. The table
 * of them, routes.ts, feeds the server's router, the client, OpenAPI and the access matrix.
 */
export interface Route extends Answering {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /**
   * Of the token. `open` needs none, `any` is all but a lease's; `operator` is the operator's, `lease` that of the path; `own`
   * is an admin's, or the token of the path itself.
   */
  readonly scope: Scope | 'open' | 'any' | 'own' | 'operator' | 'lease';
  readonly summary: string;
}

interface Answering {
  /** True when a repeat has no further effect, so that a call whose answer was lost may be sent again. */
  readonly repeatable: boolean;
  /** The HTTP status of a success. */
  readonly status: number;
  /** The answer's other status: of a replayed submit, a range, the health of a server that cannot write. */
  readonly otherStatus?: number;
  /** The call may also answer 204 without a body. */
  readonly mayBeEmpty?: true;
}

export const ok = { repeatable: true, status: 200 } as const;
export const empty = { repeatable: true, status: 204 } as const;
export const created = { repeatable: false, status: 201 } as const;
/** Makes a run. Repeatable only with an Idempotency-Key; the answer to a repeat has the status 200. */
export const submitted = { ...created, otherStatus: 200 } as const;
export const health = { ...ok, otherStatus: 503 } as const;

export const route = <const T extends Answering = typeof ok>(
  method: Route['method'],
  path: string,
  scope: Route['scope'],
  summary: string,
  answering: T = ok as unknown as T,
): Route & T => ({ method, path, scope, summary, ...answering });
