interface Shape {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly status?: unknown;
  readonly cause?: unknown;
}

/** An error and what caused it. */
function chainOf(error: unknown): Shape[] {
  const chain: Shape[] = [];
  for (let one = error; one instanceof Error && chain.length < 5; one = one.cause) chain.push(one);
  return chain;
}

const isText = (value: unknown): value is string => typeof value === 'string';

const codesOf = (error: unknown): string[] =>
  chainOf(error).flatMap(({ code }) => (isText(code) ? [code] : []));

/** No connection was made: the statements never reached the database. */
export const isUnreached = (error: unknown): boolean =>
  codesOf(error).some((code) =>
    /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(code),
  );

/** The database has rolled the statements back since others were writing. */
export const isRolledBack = (error: unknown): boolean =>
  codesOf(error).some((code) => /^(SQLITE_(BUSY|LOCKED)|TRANSACTION_(TIMEOUT|BUSY))/.test(code));

const statusOf = (error: unknown): number | undefined => {
  const found = chainOf(error).find(({ status }) => typeof status === 'number');
  return found && Number(found.status);
};

/**
 * The database, or a proxy before it, has refused this very request unread: 413 (its size) or 400. Nothing was written,
 * and the same request would be refused again.
 */
export function refusedRequest(error: unknown): 400 | 413 | undefined {
  const status = statusOf(error);
  return status === 400 || status === 413 ? status : undefined;
}

/**
 * Why a database that is reached over the network did not do what it was asked, in words; undefined for an error of
 * the statement itself. `@libsql/client` passes on the errors of `fetch` as they are, and gives its own a `code`: of the
 * protocol (`HRANA_…`, `SERVER_ERROR`), or of the server (`BLOCKED`, `TRANSACTION_TIMEOUT`, and `PROXY_ERROR` of a replica).
 */
export function remoteTrouble(error: unknown): string | undefined {
  const chain = chainOf(error);
  const codes = codesOf(error);
  const status = statusOf(error);
  if (status !== undefined) return ofStatus(status);
  if (chain.some(({ name }) => name === 'TimeoutError' || name === 'AbortError'))
    return 'the database did not answer in time';
  if (codes.includes('BLOCKED')) return `the database takes no writes: ${String(chain[0]?.message)}`;
  if (isRolledBack(error)) return 'the database is busy with other writers';
  const network = codes.find((code) =>
    /^(E[A-Z_]{3,}|UND_ERR_\w+|CERT_\w+|DEPTH_ZERO_\w+|SELF_SIGNED_\w+)$/.test(code),
  );
  if (network) return `the database cannot be reached (${network})`;
  if (chain.some(({ name, message }) => name === 'TypeError' && message === 'fetch failed'))
    return 'the database cannot be reached';
  if (
    codes.some((code) =>
      /^(HRANA_|SERVER_ERROR|PROTOCOL_VERSION_ERROR|STREAM_EXPIRED|PROXY_ERROR)/.test(code),
    )
  )
    return `the database did not do it: ${String(chain[0]?.message)}`;
  return undefined;
}

function ofStatus(status: number): string {
  if (status === 401 || status === 403)
    return `the database refuses this server's token (${status}): check QGJOB_DATABASE_AUTH_TOKEN`;
  if (status === 404) return 'there is no database at this address (404): check QGJOB_DATABASE_URL';
  return `the database answers ${status}`;
}
