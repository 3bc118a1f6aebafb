import { shortLine } from '../protocol/clean-text.ts';
import { QgjobError } from '../protocol/errors.ts';
import { parseJson } from './json.ts';
import { type Received, retryAfterMs } from './receive.ts';

// A proxy's page does not know when the server is back: it is asked again before that.
const longestWaitMs = 60_000;

/**
 * An answer that is not the server's, as an error that says so: `unavailable`, with the status in `details.answered`.
 * `why` says what of the contract it lacks.
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

/** Where a redirect leads; what may be a secret is left out. */
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

/** Statuses of a way that is disturbed, whatever was sent: too slow, too many calls, nobody behind it. */
const disturbed = [408, 425, 429, 499];

/**
 * True for an answer in between that may be about what was sent: it is too large, or a filter does not like its words.
 * Such pages come with nearly any status; those that tell of a server that is away are not among them.
 */
export function mayMeanTheBody(error: unknown): boolean {
  const status = foreignStatus(error);
  if (status === undefined || disturbed.includes(status)) return false;
  return status < 500 || status === 501;
}
