import { FetchError, ofetch } from 'ofetch';
import type { AnswerOf, BodyOf, QueryOf } from '../protocol/contracts.ts';
import { codeOfStatus, type ErrorBody, errorTable, QgjobError } from '../protocol/errors.ts';
import { fillPath, type RouteName, routes } from '../protocol/routes.ts';

/** Where to call, and as whom. */
export interface Endpoint {
  /** Origin of the server, without a path: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly token?: string | undefined;
  /** Sent as User-Agent, like `qgjob-cli/0.1.0`. */
  readonly userAgent?: string | undefined;
}

/** The input of one call. `timeoutMs` bounds the whole call; a held call needs more than its `wait_ms`. */
export interface CallInput<N extends RouteName> {
  readonly params?: Record<string, string> | undefined;
  readonly query?: QueryOf<N> | undefined;
  readonly body?: BodyOf<N> | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 30_000;

/**
 * One HTTP call, never repeated here. Throws a QgjobError: the server's own code, or `unavailable` when no answer
 * came. An abort by the caller's signal is thrown as the signal's reason.
 */
export async function callOnce<N extends RouteName>(
  endpoint: Endpoint,
  name: N,
  input: CallInput<N> = {},
): Promise<AnswerOf<N>> {
  const { method, path } = routes[name];
  const bytes = (input.body as unknown) instanceof Uint8Array;
  const timeout = AbortSignal.timeout(input.timeoutMs ?? defaultTimeoutMs);
  try {
    const response = await ofetch.raw(endpoint.url + fillPath(path, input.params), {
      method,
      query: input.query as Record<string, unknown> | undefined,
      body: input.body as Record<string, unknown> | undefined,
      headers: headersOf(endpoint, input.idempotencyKey, bytes),
      responseType: 'arrayBuffer',
      retry: 0,
      ignoreResponseError: true,
      signal: input.signal ? AbortSignal.any([input.signal, timeout]) : timeout,
    });
    return readAnswer<N>(name, response.status, response.headers, response._data);
  } catch (error) {
    input.signal?.throwIfAborted();
    throw error instanceof QgjobError ? error : unreachable(endpoint.url, error);
  }
}

function headersOf(endpoint: Endpoint, idempotencyKey: string | undefined, bytes: boolean): Headers {
  const headers = new Headers();
  if (endpoint.token) headers.set('authorization', `Bearer ${endpoint.token}`);
  if (endpoint.userAgent) headers.set('user-agent', endpoint.userAgent);
  if (idempotencyKey) headers.set('idempotency-key', idempotencyKey);
  if (bytes) headers.set('content-type', 'application/octet-stream');
  return headers;
}

function readAnswer<N extends RouteName>(
  name: N,
  status: number,
  headers: Headers,
  data: unknown,
): AnswerOf<N> {
  const bytes = new Uint8Array((data as ArrayBuffer | undefined) ?? new ArrayBuffer(0));
  if (status >= 400) throw refusal(status, headers, bytes);
  if (status === 204) return undefined as AnswerOf<N>;
  if (name === 'readLogs') return bytes as AnswerOf<N>;
  const answer = parseJson(bytes);
  if (answer === undefined) {
    throw new QgjobError(
      'unavailable',
      `the answer of ${routes[name].path} is not JSON; is this a qgjob server?`,
    );
  }
  return answer as AnswerOf<N>;
}

function refusal(status: number, headers: Headers, bytes: Uint8Array): QgjobError {
  const body = (parseJson(bytes) as { error?: ErrorBody } | undefined)?.error;
  const retryAfter = retryAfterMs(headers);
  const details = { ...body?.details, ...(retryAfter !== undefined && { retry_after_ms: retryAfter }) };
  const known = body?.code !== undefined && Object.hasOwn(errorTable, body.code);
  return new QgjobError(
    known ? body.code : codeOfStatus(status),
    body?.message ?? `the server answered ${status} without saying why`,
    {
      ...(Object.keys(details).length > 0 && { details }),
      ...(body?.request_id !== undefined && { requestId: body.request_id }),
    },
  );
}

/** Seconds, or a date as proxies send it, which is read by the clock of who sent it. */
function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const ms = /^\d+$/.test(text)
    ? Number(text) * 1000
    : Date.parse(text) - Date.parse(headers.get('date') ?? '');
  return ms >= 0 ? ms : undefined;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

function unreachable(url: string, error: unknown): QgjobError {
  const cause = error instanceof FetchError ? (error.cause ?? error) : error;
  const code = (cause as { cause?: { code?: string } }).cause?.code ?? (cause as { code?: string }).code;
  const timedOut = (cause as Error).name === 'TimeoutError';
  const why = timedOut ? 'no answer in time' : typeof code === 'string' ? code : (cause as Error).message;
  return new QgjobError('unavailable', `cannot reach ${url}: ${why}. Is the server running there?`, {
    cause: error,
  });
}
