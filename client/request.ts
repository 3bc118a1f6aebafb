import { createFetch, type FetchOptions, ofetch } from 'ofetch';
import type { Upload } from '../protocol/contracts.ts';
import { fillPath, type RouteName, routes } from '../protocol/routes.ts';
import type { Check } from './check-answer.ts';
import type { DirectCalls } from './direct/direct-calls.ts';

/** A server, and the caller's token and name. */
export interface Endpoint {
  /** With a base path or without: `http://127.0.0.1:8080`, `https://ci.example.com/qgjob`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Sent as User-Agent, like `qgjob-cli/0.1.0`. */
  readonly userAgent?: string | undefined;
  /** What sends the calls. Default: that of Node. */
  readonly fetch?: typeof globalThis.fetch | undefined;
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

/** What `ofetch` takes, and the URL. */
interface OutgoingRequest extends FetchOptions<'stream'> {
  readonly url: string;
}

export function requestOf(endpoint: Endpoint, name: RouteName, input: Sent): OutgoingRequest {
  const { method, path } = routes[name];
  return {
    url: `${endpoint.url}${fillPath(path, input.params)}`,
    method,
    query: input.query as FetchOptions['query'],
    headers: headersOf(endpoint, input),
    body: bodyOf(input.body),
  };
}

/** What sends the calls to this server. */
export const senderOf = ({ fetch }: Endpoint): typeof ofetch =>
  fetch === undefined ? ofetch : createFetch({ fetch });

const isUpload = (body: unknown): body is Upload =>
  typeof (body as Upload | undefined)?.stream === 'function';

/** A stream can be read only once, so each try of a call gets a new one. */
const bodyOf = (body: unknown): FetchOptions['body'] =>
  (isUpload(body) ? body.stream() : body) as FetchOptions['body'];

function headersOf(endpoint: Endpoint, { body, idempotencyKey, accept = 'application/json' }: Sent): Headers {
  const headers = new Headers({ accept });
  if (endpoint.token) headers.set('authorization', `Bearer ${endpoint.token}`);
  if (endpoint.userAgent) headers.set('user-agent', endpoint.userAgent);
  if (idempotencyKey) headers.set('idempotency-key', idempotencyKey);
  if (body === undefined) return headers;
  const isBytes = body instanceof Uint8Array || isUpload(body);
  headers.set('content-type', isBytes ? 'application/octet-stream' : 'application/json');
  if (isUpload(body)) headers.set('content-length', String(body.size));
  return headers;
}
