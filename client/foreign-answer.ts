import { shortLine } from '../protocol/clean-text.ts';
import { QgjobError } from '../protocol/errors.ts';
import { parseJson } from './json.ts';
import { type Received, retryAfterMs } from './receive.ts';

// The Retry-After of a proxy is a guess: the server is called again after this time at the latest.
const longestWaitMs = 60_000;

/**
 * The error for an answer that is not the server's: `unavailable`, with the status in `details.answered`. `why` says in
 * what it differs from the contract.
 */
export function foreignAnswer(url: string, received: Received, why?: string): QgjobError {
  const { status, headers } = received;
  const wait = retryAfterMs(headers);
  const said = `${url} answered ${status} ${describe(received, why)}: is \`server-url\` right, is there a proxy?`;
  return new QgjobError('unavailable', said, {
    details: {
      answered: status,
      ...(wait !== undefined && { retry_after_ms: Math.min(wait, longestWaitMs) }),
    },
  });
}

function describe({ status, headers, bytes, isCut }: Received, why: string | undefined): string {
  const where = headers.get('location');
  if (status >= 300 && status < 400 && where !== null) {
    return `and leads to ${withoutQuery(where)}, where nobody follows with a token`;
  }
  if (isCut) return `with more than any answer of qgjob's`;
  if (bytes.length === 0) return 'with nothing, which is not how qgjob answers here';
  const start = new TextDecoder().decode(bytes.subarray(0, 16_384));
  if (/\bhtml\b/i.test(headers.get('content-type') ?? '') || /^\s*</.test(start)) {
    return `with a page that is not qgjob's${titleOf(start)}`;
  }
  if (parseJson(bytes) === undefined) return "with a text that is not qgjob's";
  return `with JSON that is not qgjob's${why === undefined ? '' : ` (${shortLine(why, 200)})`}`;
}

function titleOf(page: string): string {
  const title = shortLine(/<title[^<>]{0,200}>([^<]{1,1000})/i.exec(page)?.[1] ?? '', 80);
  return title === '' ? '' : ` ("${title}")`;
}

/** Where a redirect leads, without what may be a secret. */
function withoutQuery(location: string): string {
  return shortLine(location.replace(/[?#].*$/s, '').replace(/\/\/[^/]*@/, '//'), 200);
}

/** The status of an answer that was not the server's; undefined for any other error. */
export function foreignStatus(error: unknown): number | undefined {
  const { code, requestId, details } = error instanceof QgjobError ? error : {};
  const answered = details?.answered;
  return code === 'unavailable' && requestId === undefined && typeof answered === 'number'
    ? answered
    : undefined;
}

/** Statuses that say nothing about the body: too slow, too many calls, nobody behind the proxy. */
const notAboutBody = [408, 425, 429, 499];

/**
 * True for the answer of a proxy that may be about what was sent: too large, or words that a filter refuses. Such pages
 * have nearly any status; excluded are those of a server that is away.
 */
export function mayMeanTheBody(error: unknown): boolean {
  const status = foreignStatus(error);
  if (status === undefined || notAboutBody.includes(status)) return false;
  return status < 500 || status === 501;
}
