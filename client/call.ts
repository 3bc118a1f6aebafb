import type { AnswerOf, BodyOf, QueryOf } from '../protocol/contracts.ts';
import { QgjobError } from '../protocol/errors.ts';
import type { RouteName } from '../protocol/routes.ts';
import { versionHeader } from '../protocol/version-header.ts';
import { checkAnswer } from './check-answer.ts';
import { readAnswer } from './read-answer.ts';
import { type Received, receive } from './receive.ts';
import { type Endpoint, requestOf, senderOf } from './request.ts';
import { isLasting, whyUnreachable } from './why-unreachable.ts';

/**
 * The input of one call. `timeoutMs` (default 30 s) is for the whole call: a long poll needs more than its `wait_ms`, a
 * large upload or download as long as a slow line takes.
 */
export interface CallInput<N extends RouteName> {
  readonly params?: Record<string, string> | undefined;
  readonly query?: QueryOf<N> | undefined;
  readonly body?: BodyOf<N> | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
}

export const defaultTimeoutMs = 30_000;

/**
 * One HTTP call, without a retry. Errors: the server's own, or `unavailable` when no whole answer came or it is not the
 * server's (`details.is_cut`: the connection broke; `details.is_lasting`: a further try would end alike). An abort by the caller's signal is thrown as the signal's reason.
 */
export async function callOnce<N extends RouteName>(
  endpoint: Endpoint,
  name: N,
  input: CallInput<N> = {},
): Promise<AnswerOf<N>> {
  const received = await exchange(endpoint, name, input);
  noteVersion(endpoint, received);
  return readAnswer(endpoint.url, name, received, endpoint.check ?? checkAnswer) as AnswerOf<N>;
}

function noteVersion({ onVersion }: Endpoint, { headers }: Received): void {
  const version = onVersion && headers.get(versionHeader);
  if (version && /^\d+\.\d+\.\d+[\w.+-]{0,40}$/.test(version)) onVersion(version);
}

async function exchange<N extends RouteName>(
  endpoint: Endpoint,
  name: N,
  input: CallInput<N>,
): Promise<Received> {
  const timeout = AbortSignal.timeout(input.timeoutMs ?? defaultTimeoutMs);
  const signal = input.signal ? AbortSignal.any([input.signal, timeout]) : timeout;
  let hasBegun = false;
  try {
    const { url, ...init } = requestOf(endpoint, name, input);
    const response = await senderOf(endpoint)(url, { ...init, signal });
    hasBegun = true;
    return await receive(name, response);
  } catch (error) {
    input.signal?.throwIfAborted();
    if (error instanceof QgjobError) throw error;
    throw lostAnswer(endpoint.url, error, hasBegun);
  }
}

// Node's codes for a connection that was there and then was not.
const brokenCodes = ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'];

/** Why no whole answer came. `hasBegun`: its status and headers were there. */
export function lostAnswer(url: string, error: unknown, hasBegun: boolean): QgjobError {
  const { cause, code: ownCode, name, message } = error as Error & { code?: unknown };
  const code = (cause as { code?: unknown } | undefined)?.code ?? ownCode;
  const isBroken = brokenCodes.includes(String(code));
  const why = typeof code === 'string' ? code : message;
  const words = (): string => {
    if (isBroken) {
      const when = hasBegun ? 'in the middle of the answer' : 'before an answer came';
      return `the connection to ${url} broke ${when}: ${why}. Did the server stop?`;
    }
    if (name === 'TimeoutError' && hasBegun) return `the answer of ${url} did not end in time.`;
    if (hasBegun) return `the answer of ${url} cannot be unpacked: ${why}. Does a proxy change it?`;
    const reason = name === 'TimeoutError' ? 'no answer in time' : why;
    return `cannot reach ${url}: ${whyUnreachable(error, reason)}`;
  };
  return new QgjobError('unavailable', words(), {
    cause: error,
    ...(isBroken && { details: { is_cut: true } }),
    ...(isLasting(error, why) && { details: { is_lasting: true } }),
  });
}
