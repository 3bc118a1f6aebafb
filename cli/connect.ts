import { type Client, createClient } from '../client/index.ts';
import { QgjobError } from '../protocol/errors.ts';
import { type Connection, type ConnectionFlags, findConnection } from './config.ts';
import { say } from './output/print.ts';
import { packageVersion } from './version.ts';

/** A short absence of the server is bridged; a person at a terminal is not kept for longer, in ms. */
const patienceMs = 5000;

/** A submit or a retry is worth more patience than a question: a server that restarts is back by then. */
export const submitPatienceMs = 30_000;

/** A client for the server that the flags, the variables or the folder name. Errors as `findConnection`. */
export function connect(flags: ConnectionFlags, forMs = patienceMs): Client {
  const found = findConnection(flags);
  const endpoint = { url: found.url, token: found.token, userAgent: `qgjob-cli/${packageVersion()}` };
  let isSaid = false;
  const onRetry = (error: QgjobError): void => {
    if (!isSaid) say(`qgjob: ${error.message} (trying again)`);
    isSaid = true;
  };
  return withAdvice(createClient(endpoint, { forMs, onRetry }), found);
}

/** The same client, whose errors speak to a person at a command line. */
function withAdvice(client: Client, found: Connection): Client {
  return {
    url: client.url,
    with: (rule) => withAdvice(client.with(rule), found),
    call: async (name, input) => {
      try {
        return await client.call(name, input);
      } catch (error) {
        throw advise(error, found);
      }
    },
  };
}

function advise(error: unknown, found: Connection): unknown {
  if (!(error instanceof QgjobError)) return error;
  const { code, details, requestId } = error;
  return new QgjobError(code, wordsFor(error, found), { details, requestId, cause: error });
}

function wordsFor({ code, message, requestId }: QgjobError, found: Connection): string {
  if (code === 'unauthorized') return `${message}; the token came from ${found.tokenFrom}`;
  if (code === 'not_found') return `${message}; check the id, and that the token is of the same org`;
  // The field of a body or a query is named like its flag.
  if (code === 'invalid') {
    return message.replace(/^([a-z_]+): /, (_, field: string) => `--${field.replaceAll('_', '-')}: `);
  }
  // An error without a request id is not the server's own: nobody answered.
  const isSilence = code === 'unavailable' && requestId === undefined;
  return isSilence ? `${message} The address came from ${found.urlFrom}.` : message;
}
