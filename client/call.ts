import { FetchError, ofetch } from 'ofetch';
import type { AnswerOf, BodyOf, QueryOf } from '../protocol/contracts.ts';
import { QgjobError } from '../protocol/errors.ts';
import type { RouteName } from '../protocol/routes.ts';
import { checkAnswer } from './check-answer.ts';
import type { Endpoint } from './endpoint.ts';
import { readAnswer } from './read-answer.ts';
import { type Received, receive } from './receive.ts';
import { requestOf } from './request.ts';

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

/**
 * One HTTP call, never repeated here. Throws a QgjobError: the server's own code, or `unavailable` when no answer came
 * or what came is not the server's. An abort by the caller's signal is thrown as the signal's reason.
 */
export async function callOnce<N extends RouteName>(
  endpoint: Endpoint,
  name: N,
  input: CallInput<N> = {},
): Promise<AnswerOf<N>> {
  const received = await exchange(endpoint, name, input);
  return readAnswer(endpoint.url, name, received, endpoint.check ?? checkAnswer) as AnswerOf<N>;
}

async function exchange<N extends RouteName>(
  endpoint: Endpoint,
  name: N,
  input: CallInput<N>,
): Promise<Received> {
  const timeout = AbortSignal.timeout(input.timeoutMs ?? defaultTimeoutMs);
  const signal = input.signal ? AbortSignal.any([input.signal, timeout]) : timeout;
  try {
    const { url, ...init } = requestOf(endpoint, name, input);
    // A redirect would take the token and the body to wherever something on the way says.
    const response = await ofetch.raw(url, {
      ...init,
      redirect: 'manual',
      responseType: 'stream',
      retry: 0,
      ignoreResponseError: true,
      signal,
    });
    return await receive(name, response);
  } catch (error) {
    input.signal?.throwIfAborted();
    if (error instanceof QgjobError) throw error;
    throw unreachable(endpoint.url, error instanceof FetchError ? (error.cause ?? error) : error);
  }
}

/** What Node calls a connection that was there and then was not. */
const cutCodes = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

function unreachable(url: string, error: unknown): QgjobError {
  const { cause, code: ownCode, name, message } = error as Error & { code?: unknown };
  const code = (cause as { code?: unknown } | undefined)?.code ?? ownCode;
  const why = name === 'TimeoutError' ? 'no answer in time' : typeof code === 'string' ? code : message;
  return new QgjobError('unavailable', `cannot reach ${url}: ${why}. Is the server running there?`, {
    cause: error,
    ...(cutCodes.includes(String(code)) && { details: { is_cut: true } }),
  });
}
