import { addressType } from '../protocol/address-type.ts';
import type { BytesRoute } from '../protocol/contracts.ts';
import { QgjobError } from '../protocol/errors.ts';
import { defaultTimeoutMs, lostAnswer } from './call.ts';
import { checkAnswer } from './check-answer.ts';
import { isAddress, readAddress } from './direct/read-address.ts';
import { foreignAnswer } from './foreign-answer.ts';
import { readAnswer } from './read-answer.ts';
import { receive } from './receive.ts';
import { type Endpoint, requestOf } from './request.ts';

/** A file that a call answers. */
export type FileInput = Wanted & {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string | undefined>;
  readonly signal?: AbortSignal | undefined;
};

/** By the hash of its bytes (hex), or one that is made for this call alone, by the type that only the server says. */
type Wanted = { readonly sha256: string } | { readonly type: string };

/**
 * Asks with HEAD. Its answer has no body that would show whose it is, so that only the server's ETag, the hash of the
 * bytes, means yes. Errors: `unavailable` where there is no answer, or that of a server that is away.
 */
export async function hasFile(endpoint: Endpoint, name: BytesRoute, input: FileInput): Promise<boolean> {
  const timeout = AbortSignal.timeout(defaultTimeoutMs);
  const signal = input.signal ? AbortSignal.any([input.signal, timeout]) : timeout;
  const response = await ask(endpoint, name, { ...input, signal }, 'HEAD').catch((error: unknown) => {
    input.signal?.throwIfAborted();
    throw lostAnswer(endpoint.url, error, false);
  });
  const { status, headers } = response;
  if (status === 429 || status >= 500)
    throw foreignAnswer(endpoint.url, { status, headers, bytes: new Uint8Array(), isCut: false });
  return isThisFile(response, input);
}

/**
 * The bytes of a file as they come, for files that are too large to be read whole: from the address that the server names,
 * where it does and that can be reached, else from the server. One try, without a time limit: the signal ends it. Errors,
 * also in the middle: those of `callOnce`. The bytes are compared with the hash by the caller.
 */
export async function openFile(
  endpoint: Endpoint,
  name: BytesRoute,
  input: FileInput,
): Promise<AsyncIterable<Uint8Array>> {
  const wanted = 'sha256' in input ? input.sha256 : undefined;
  const direct = wanted === undefined ? undefined : endpoint.direct;
  let hasBegun = false;
  const lost = (error: unknown): unknown => {
    input.signal?.throwIfAborted();
    if (error instanceof QgjobError) return error;
    return lostAnswer(endpoint.url, error, hasBegun);
  };
  try {
    let response = await ask(endpoint, name, input, 'GET', direct && addressOrBytes);
    if (direct && wanted !== undefined && isAddress(response)) {
      const opened = await direct.open(await readAddress(response, wanted), input.signal);
      if (opened) return opened;
      response = await ask(endpoint, name, input, 'GET');
    }
    hasBegun = true;
    if (!isThisFile(response, input)) throw await refusalOf(endpoint, name, response);
    return bytesOf(response, lost);
  } catch (error) {
    throw lost(error);
  }
}

const addressOrBytes = `${addressType}, application/json;q=0.9, */*;q=0.8`;

function ask(
  endpoint: Endpoint,
  name: BytesRoute,
  input: FileInput,
  method: 'GET' | 'HEAD',
  accept?: string,
): Promise<Response> {
  const { url, ...init } = requestOf(endpoint, name, { ...input, accept });
  const { fetch = globalThis.fetch } = endpoint;
  return fetch(url, { ...init, method, ...(input.signal && { signal: input.signal }) } as RequestInit);
}

const isThisFile = ({ status, headers }: Response, wanted: Wanted): boolean =>
  status === 200 &&
  ('type' in wanted
    ? headers.get('content-type') === wanted.type
    : headers.get('etag') === `"${wanted.sha256}"`);

/** The server's error, or that of something that is not the server. */
async function refusalOf(
  { url, check = checkAnswer }: Endpoint,
  name: BytesRoute,
  response: Response,
): Promise<QgjobError> {
  if (response.ok) {
    await response.body?.cancel();
    const what = `${url} answered ${response.status} with another file than the one that was asked for`;
    return new QgjobError('unavailable', `${what}: is \`server-url\` right, is there a proxy?`);
  }
  const received = await receive(name, response);
  try {
    readAnswer(url, name, received, check);
  } catch (error) {
    return error as QgjobError;
  }
  return foreignAnswer(url, received);
}

async function* bytesOf(response: Response, lost: (error: unknown) => unknown): AsyncGenerator<Uint8Array> {
  try {
    yield* response.body ?? [];
  } catch (error) {
    throw lost(error);
  }
}
