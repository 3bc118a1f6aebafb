import { FetchError, ofetch } from 'ofetch';
import type { AnswerOf, BodyOf, BytesRoute, QueryOf, Upload } from '../protocol/contracts.ts';
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

/**
 * The input of one call. `timeoutMs` bounds the whole call: a held one needs more than its `wait_ms`, and a large upload
 * or download as long as the slowest line takes.
 */
export interface CallInput<N extends RouteName> {
  readonly params?: Record<string, string> | undefined;
  readonly query?: QueryOf<N> | undefined;
  readonly body?: BodyOf<N> | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

const defaultTimeoutMs = 30_000;
const answersBytes: Record<BytesRoute, true> = { readLogs: true, getArtifact: true };

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
  const timeout = AbortSignal.timeout(input.timeoutMs ?? defaultTimeoutMs);
  try {
    const response = await ofetch.raw(endpoint.url + fillPath(path, input.params), {
      method,
      query: input.query as Record<string, unknown> | undefined,
      body: bodyOf(input.body),
      headers: headersOf(endpoint, input),
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

const isUpload = (body: unknown): body is Upload =>
  typeof (body as Upload | undefined)?.stream === 'function';

/** A stream can be read once only: each call gets a fresh one. */
const bodyOf = (body: unknown): Record<string, unknown> | ReadableStream | undefined =>
  isUpload(body) ? body.stream() : (body as Record<string, unknown> | undefined);

function headersOf(
  endpoint: Endpoint,
  { body, idempotencyKey }: { body?: unknown; idempotencyKey?: string },
) {
  const headers = new Headers();
  if (endpoint.token) headers.set('authorization', `Bearer ${endpoint.token}`);
  if (endpoint.userAgent) headers.set('user-agent', endpoint.userAgent);
  if (idempotencyKey) headers.set('idempotency-key', idempotencyKey);
  if (body instanceof Uint8Array || isUpload(body)) headers.set('content-type', 'application/octet-stream');
  if (isUpload(body)) headers.set('content-length', String(body.size));
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
  if (Object.hasOwn(answersBytes, name)) return bytes as AnswerOf<N>;
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
