import { type Client, createClient, mayMendItself } from '../client/index.ts';
import { sendHttp } from '../client/send-http.ts';
import { QgjobError } from '../protocol/errors.ts';
import { type Connection, type ConnectionFlags, findConnection } from './config.ts';
import { say } from './output/print.ts';
import { packageVersion } from './version.ts';
import { noteVersion } from './version-skew.ts';

/** How long a call is tried again, in ms: through a short outage, but a person at a terminal waits for it. */
const retryForMs = 5000;

/** The same for a submit or a retry: long enough for a restart of the server. */
export const retrySubmitForMs = 30_000;

/** Where server and token were found. */
type Sources = Pick<Connection, 'urlFrom' | 'tokenFrom'>;

/** A client for the server that the flags, the variables or the folder name. Errors as `findConnection`. */
export const connect = (flags: ConnectionFlags, forMs = retryForMs): Client =>
  connectTo(findConnection(flags), forMs);

/** The same for one that was found. */
export function connectTo(found: Sources & Pick<Connection, 'url' | 'token'>, forMs = retryForMs): Client {
  const userAgent = `qgjob-cli/${packageVersion()}`;
  const endpoint = {
    ...{ url: found.url, token: found.token, userAgent },
    send: sendHttp,
    onVersion: noteVersion,
  };
  let isSaid = false;
  const onRetry = (error: QgjobError): void => {
    if (!isSaid) say(`qgjob: ${error.message} (trying again)`);
    isSaid = true;
  };
  return withAdvice(createClient(endpoint, { forMs, onRetry, isRetryable: mayMendItself }), found);
}

/** The same client, with advice for the command line in its errors. */
function withAdvice(client: Client, found: Sources): Client {
  return {
    ...{ url: client.url, direct: client.direct },
    as: (token) => withAdvice(client.as(token), found),
    has: (name, input) => advised(client.has(name, input), found),
    with: (rule) => withAdvice(client.with(rule), found),
    call: (name, input) => advised(client.call(name, input), found),
    open: (name, input) => advised(client.open(name, input), found),
  };
}

const advised = <T>(answer: Promise<T>, found: Sources): Promise<T> =>
  answer.catch((error: unknown) => {
    throw advise(error, found);
  });

function advise(error: unknown, found: Sources): unknown {
  if (!(error instanceof QgjobError)) return error;
  const { code, details, requestId } = error;
  return new QgjobError(code, wordsFor(error, found), { details, requestId, cause: error });
}

function wordsFor({ code, message, requestId }: QgjobError, found: Sources): string {
  if (code === 'unauthorized')
    return `${message}; the token came from ${found.tokenFrom}, \`qgjob login\` keeps another`;
  if (code === 'forbidden')
    return `${message}; \`qgjob whoami\` shows whose token this is and what it may do`;
  if (code === 'not_found') return `${message}; check the id, and that the token is of the same org`;
  // A field of a body or a query has the name of its flag.
  if (code === 'invalid') {
    return message.replace(/^([a-z_]+): /, (_, field: string) => `--${field.replaceAll('_', '-')}: `);
  }
  // An error of the server itself would have a request id.
  const isForeign = code === 'unavailable' && requestId === undefined;
  return isForeign ? `${message} The address came from ${found.urlFrom}.` : message;
}
