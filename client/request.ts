import type { Upload } from '../protocol/contract.ts';
import { fillPath, type RouteName, routes } from '../protocol/routes.ts';
import type { Check } from './check-answer.ts';
import type { DirectCalls } from './direct/direct-calls.ts';
import type { Send, SentBody, SentInit } from './send.ts';

/** A server, and the caller's token and name. */
export interface Endpoint {
  /** With a base path or without: `http://127.0.0.1:8080`, `https://ci.example.com/qgjob`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Sent as User-Agent, like `qgjob-cli/0.1.0`. */
  readonly userAgent?: string | undefined;
  /** What sends the calls. Default: that of Node. */
  readonly fetch?: typeof globalThis.fetch | undefined;
  /** What sends calls whose answer is read whole, in the place of `fetch`. */
  readonly send?: Send | undefined;
  /** Called with the version of the server, as each of its answers says it. */
  readonly onVersion?: ((version: string) => void) | undefined;
  /** How answers are checked. Default: by the outlines (check-answer.ts). */
  readonly check?: Check | undefined;
  /** What is known of addresses to which the server sends us; made by the client. */
  readonly direct?: DirectCalls | undefined;
}

/** The parts of a call that are sent. */
interface Sent {
  readonly params?: Record<string, string> | undefined;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  readonly accept?: string | undefined;
}

/** What is sent, and where to. */
interface OutgoingRequest extends SentInit {
  readonly url: string;
}

/** A redirect is not followed: the token and the body would go to an address that anybody on the way may have set. */
export function requestOf(endpoint: Endpoint, name: RouteName, input: Sent): OutgoingRequest {
  const { method, path } = routes[name];
  const body = bodyOf(input.body);
  return {
    url: `${endpoint.url}${fillPath(path, input.params)}${queryOf(input.query)}`,
    method,
    redirect: 'manual',
    headers: headersOf(endpoint, input),
    ...(body !== undefined && { body }),
    ...(isUpload(input.body) && { duplex: 'half' as const }),
  };
}

/** What sends the calls to this server. To name the global `fetch` is to load it. */
export const senderOf = ({ send, fetch }: Endpoint): Send =>
  send ?? ((fetch ?? globalThis.fetch) as unknown as Send);

/** `?limit=5`; values that are undefined are left out. */
function queryOf(query: unknown): string {
  const values = Object.entries((query ?? {}) as Record<string, unknown>).filter(
    ([, value]) => value !== undefined,
  );
  if (values.length === 0) return '';
  return `?${new URLSearchParams(values.map(([name, value]) => [name, String(value)]))}`;
}

const isUpload = (body: unknown): body is Upload =>
  typeof (body as Upload | undefined)?.stream === 'function';

/** A stream can be read only once, so each try of a call gets a new one. */
function bodyOf(body: unknown): SentBody | undefined {
  if (body === undefined) return undefined;
  if (isUpload(body)) return body.stream();
  return body instanceof Uint8Array ? body : JSON.stringify(body);
}

function headersOf(
  endpoint: Endpoint,
  { body, idempotencyKey, accept = 'application/json' }: Sent,
): Record<string, string> {
  const isBytes = body instanceof Uint8Array || isUpload(body);
  return {
    accept,
    ...(endpoint.token && { authorization: `Bearer ${endpoint.token}` }),
    ...(endpoint.userAgent && { 'user-agent': endpoint.userAgent }),
    ...(idempotencyKey && { 'idempotency-key': idempotencyKey }),
    ...(body !== undefined && { 'content-type': isBytes ? 'application/octet-stream' : 'application/json' }),
    ...(isUpload(body) && { 'content-length': String(body.size) }),
  };
}
