import type { Upload } from '../protocol/contracts.ts';
import { fillPath, type RouteName, routes } from '../protocol/routes.ts';
import type { Endpoint } from './call.ts';

/** The parts of a call that go over the wire. */
interface Sent {
  readonly params?: Record<string, string> | undefined;
  readonly query?: unknown;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
}

/** What `fetch` takes, and where to. */
export interface OutgoingRequest extends RequestInit {
  readonly url: string;
  /** Node asks for it where a body is a stream. */
  readonly duplex?: 'half';
}

export function requestOf(endpoint: Endpoint, name: RouteName, input: Sent): OutgoingRequest {
  const { method, path } = routes[name];
  const { body } = input;
  return {
    url: `${endpoint.url}${fillPath(path, input.params)}${queryOf(input.query)}`,
    method,
    headers: headersOf(endpoint, input),
    ...(body !== undefined &&
      (isUpload(body) ? { body: body.stream(), duplex: 'half' } : { body: plain(body) })),
  };
}

const isUpload = (body: unknown): body is Upload =>
  typeof (body as Upload | undefined)?.stream === 'function';

const plain = (body: unknown): RequestInit['body'] =>
  body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body);

function queryOf(query: unknown): string {
  const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === '' ? '' : `?${text}`;
}

function headersOf(endpoint: Endpoint, { body, idempotencyKey }: Sent): Headers {
  const headers = new Headers({ accept: 'application/json' });
  if (endpoint.token) headers.set('authorization', `Bearer ${endpoint.token}`);
  if (endpoint.userAgent) headers.set('user-agent', endpoint.userAgent);
  if (idempotencyKey) headers.set('idempotency-key', idempotencyKey);
  if (body === undefined) return headers;
  const isBytes = body instanceof Uint8Array || isUpload(body);
  headers.set('content-type', isBytes ? 'application/octet-stream' : 'application/json');
  if (isUpload(body)) headers.set('content-length', String(body.size));
  return headers;
}
