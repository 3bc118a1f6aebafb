import type { AnswerOf, BytesRoute } from '../protocol/contracts.ts';
import { type RouteName, routes } from '../protocol/routes.ts';
import { type CallInput, callOnce } from './call.ts';
import { DirectCalls } from './direct/direct-calls.ts';
import { type FileInput, hasFile, openFile } from './files.ts';
import type { Endpoint } from './request.ts';
import { mayMendItself, type RetryRule, withRetry } from './retry.ts';

/** The typed calls of one server. Each goes through the one retry rule. */
export interface Client {
  readonly url: string;
  /** Calls of the addresses to which the server sends its callers. */
  readonly direct: DirectCalls;
  call<N extends RouteName>(name: N, input?: CallInput<N>): Promise<AnswerOf<N>>;
  /** True where the server has this file, with these bytes. */
  has(name: BytesRoute, input: FileInput): Promise<boolean>;
  /** The same server and retry rule with another token. */
  as(token: string): Client;
  /** The bytes of such a file as they come; one try, for files that are too large to be read whole. */
  open(name: BytesRoute, input: FileInput): Promise<AsyncIterable<Uint8Array>>;
  /** The same server with another retry rule; what the new rule does not say stays as it is. */
  with(rule: Partial<RetryRule>): Client;
}

const standardRetry: RetryRule = { forMs: 15_000, isRetryable: mayMendItself };

/**
 * A call is tried again where its route is repeatable or the call has an idempotency key; by default for 15 s,
 * and not at all where that would end alike.
 * @example
 * const client = createClient({ url: 'http://127.0.0.1:8080', token });
 * const { run } = await client.call('submitRun', { body: { app_version_id: 'v1', tests: ['a.spec.ts'] } });
 */
export function createClient(endpoint: Endpoint, retry: RetryRule = standardRetry): Client {
  const url = endpoint.url.replace(/\/+$/, '');
  // One for all that is derived from this client: what it learns is of the network.
  const { direct = new DirectCalls({ ...endpoint, url }) } = endpoint;
  const clean = { ...endpoint, url, direct };
  return {
    ...{ url, direct },
    call: (name, input) => {
      const repeatable = routes[name].repeatable || input?.idempotencyKey !== undefined;
      return withRetry(() => callOnce(clean, name, input), repeatable, retry, input?.signal);
    },
    as: (token) => createClient({ ...clean, token }, retry),
    open: (name, input) => openFile(clean, name, input),
    has: (name, input) => withRetry(() => hasFile(clean, name, input), true, retry, input.signal),
    with: (rule) => createClient(clean, { ...retry, ...rule }),
  };
}
