import { type FetchResponse, ofetch } from 'ofetch';
import type * as z from 'zod';
import { cutText, oneLine } from '../../../../protocol/clean-text.ts';
import { StackError } from './stack-error.ts';

/** One product of BrowserStack, with an account. */
export interface StackApi {
  /** Without a slash at its end. */
  readonly base: string;
  readonly hub: string;
  readonly username: string;
  readonly accessKey: string;
}

export interface CallOptions {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** A form, or what is sent as JSON. */
  readonly body?: FormData | Readonly<Record<string, unknown>>;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const defaultTimeoutMs = 5000;

export const authorizationOf = ({ username, accessKey }: StackApi): string =>
  `Basic ${Buffer.from(`${username}:${accessKey}`).toString('base64')}`;

/** One call, one try. Errors: StackError. */
export async function call<T>(
  api: StackApi,
  path: string,
  shape: z.ZodType<T>,
  options: CallOptions = {},
): Promise<T> {
  const response = await send(api, `${api.base}${path}`, options);
  const body = bodyOf(response);
  if (!response.ok) throw refusalOf(response.status, body);
  const read = shape.safeParse(body);
  if (read.success) return read.data;
  throw new StackError('away', 'BrowserStack answered with something that is not of its API');
}

/** Never follows a redirect: the account goes to this address alone. Errors: StackError, where nothing answers. */
export async function send(
  api: StackApi,
  url: string,
  { method = 'GET', body, timeoutMs = defaultTimeoutMs, signal }: CallOptions,
): Promise<FetchResponse<string>> {
  const late = AbortSignal.timeout(timeoutMs);
  try {
    return await ofetch.raw(url, {
      method,
      ...(body !== undefined && { body }),
      headers: { authorization: authorizationOf(api) },
      responseType: 'text',
      ignoreResponseError: true,
      retry: 0,
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, late]) : late,
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new StackError(
      'away',
      `BrowserStack does not answer (${late.aborted ? 'no answer in time' : causeOf(error)})`,
    );
  }
}

/** Undefined for what is no JSON: a page of a proxy, or of BrowserStack itself. */
function bodyOf({ headers, _data = '' }: FetchResponse<string>): unknown {
  if (!headers.get('content-type')?.includes('json')) return undefined;
  try {
    return JSON.parse(_data);
  } catch {
    return undefined;
  }
}

function refusalOf(status: number, body: unknown): StackError {
  const said = saidIn(body);
  const words = said === '' ? '' : `: ${said}`;
  if (status === 401)
    return new StackError(
      'credentials',
      `BrowserStack refuses the account (401): are BROWSERSTACK_USERNAME and BROWSERSTACK_ACCESS_KEY right in the agent's environment?`,
    );
  if (status === 403)
    return new StackError('credentials', `BrowserStack forbids it to this account (403)${words}`);
  if (status === 429) return new StackError('rate', 'BrowserStack wants fewer requests (429)');
  if (status >= 500 || status < 400)
    return new StackError('away', `BrowserStack does not answer as it should (HTTP ${status})`);
  return new StackError('refused', `BrowserStack refuses the request (HTTP ${status})${words}`, status);
}

function saidIn(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { message, error, errors } = body as Readonly<Record<string, unknown>>;
  const said = [message, error, errors].find((one) => one !== undefined);
  return cutText(
    oneLine(typeof said === 'string' ? said : said === undefined ? '' : JSON.stringify(said)),
    300,
  );
}

/** `ECONNREFUSED`, without the address. */
function causeOf(error: unknown): string {
  for (let one: unknown = error; one instanceof Error; one = one.cause) {
    const { code } = one as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^[A-Z][A-Z0-9_]+$/.test(code)) return code;
  }
  return 'the connection failed';
}
