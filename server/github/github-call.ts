import { shortLine } from '../../protocol/clean-text.ts';

/** An answer of GitHub that is no success, or none at all. */
export class GithubError extends Error {
  /** 0: there was no answer. */
  readonly status: number;
  /** GitHub wants so much time, ms. */
  readonly askedMs: number;
  /** The same call may go well later: also one refused for a clock that is off or a key that is being replaced (401). */
  readonly isPassing: boolean;

  constructor(
    message: string,
    status: number,
    askedMs = 0,
    isPassing = status === 0 || status === 401 || status >= 500,
  ) {
    super(shortLine(message, 200));
    this.status = status;
    this.askedMs = askedMs;
    this.isPassing = isPassing || askedMs > 0;
  }
}

export interface GithubCall {
  readonly baseUrl: string;
  readonly token: string;
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly path: string;
  readonly body?: object;
  readonly signal: AbortSignal;
  /** Epoch ms. */
  readonly now: number;
}

const timeoutMs = 10_000;
/** GitHub asks for a minute where a limit names no time. */
const limitMs = 60_000;

/** One call. Errors: GithubError. */
export async function callGithub<T>(call: GithubCall): Promise<T> {
  const { baseUrl, token, method, path, body, signal, now } = call;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: {
        ...{ accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
        ...{ authorization: `Bearer ${token}`, 'user-agent': 'qgjob' },
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    text = await response.text();
  } catch (error) {
    throw new GithubError(`GitHub could not be reached: ${(error as Error).message}`, 0);
  }
  const { status, headers } = response;
  const words = `GitHub answered ${status} to ${method} ${path.split('?')[0]}: ${messageIn(text)}`;
  if (!response.ok) throw new GithubError(words, status, askedMs(status, headers, text, now));
  const answer = parse(text);
  // The page of a proxy, say.
  if (answer === undefined) throw new GithubError(`${words.slice(0, 60)}: a page that is not its own`, 0);
  return answer as T;
}

/** Of an answer what it must have. Errors: GithubError where it is something else, like the words of a proxy: it may pass. */
export function expected<T>(value: T, isFine: boolean, what: string): T {
  if (isFine) return value;
  throw new GithubError(`an answer of GitHub has no ${what}`, 0);
}

function parse(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

const messageIn = (text: string): string =>
  String((parse(text) as { message?: unknown } | undefined)?.message ?? '');

/** GitHub answers a limit with 429, or with the 403 of a missing permission. 0: this is none. */
function askedMs(status: number, headers: Headers, text: string, now: number): number {
  if (status !== 403 && status !== 429 && status !== 503) return 0;
  const after = headers.get('retry-after');
  if (after !== null && /^\d+$/.test(after)) return Math.max(1000, Number(after) * 1000);
  if (headers.get('x-ratelimit-remaining') === '0') {
    // By GitHub's own clock: that of this machine may be off.
    const sentAt = Date.parse(headers.get('date') ?? '');
    return Math.max(1000, Number(headers.get('x-ratelimit-reset')) * 1000 - (sentAt > 0 ? sentAt : now));
  }
  return status === 429 || (status === 403 && /rate limit|abuse detection/i.test(messageIn(text)))
    ? limitMs
    : 0;
}
