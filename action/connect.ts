import { type Client, createClient } from '../client/index.ts';
import { renewingClient } from './sign-in/renewing-client.ts';
import { Tokens } from './sign-in/tokens.ts';
import { proxyFetch } from './use-proxy.ts';

export interface Connection {
  readonly serverUrl: string;
  /** '' signs in by GitHub's OIDC. */
  readonly token: string;
  /** Of the OIDC token; undefined: the origin of the server's URL. */
  readonly oidcAudience: string | undefined;
  readonly orgId: string | undefined;
}

/** A client that names itself as the Action. */
export function connect({ serverUrl, token, oidcAudience, orgId }: Connection): Client {
  const endpoint = { url: serverUrl, userAgent: 'qgjob-action', fetch: proxyFetch(serverUrl) };
  if (token !== '') return createClient({ ...endpoint, token });
  const client = createClient(endpoint);
  const audience = oidcAudience ?? new URL(serverUrl).origin;
  return renewingClient(client, new Tokens({ client, audience, orgId }));
}

// All tries together. The runner kills the step 7.5 s after the first signal.
const cancelMs = 5000;

/** Cancels a run; a repeat does nothing more. Takes 5 s at most. Errors: the server's, or `unavailable`. */
export async function cancelRun(client: Client, runId: string): Promise<void> {
  const retrying = client.with({ forMs: cancelMs - 2000 });
  await retrying.call('cancelRun', { params: { id: runId }, signal: AbortSignal.timeout(cancelMs) });
}

/** Tells the server that nobody waits any more and that the run goes on all the same. A server that is away is not told. */
export async function leaveRun(client: Client, runId: string, stop: AbortSignal): Promise<void> {
  const query = { on_client_gone: 'keep' } as const;
  const signal = AbortSignal.any([stop, AbortSignal.timeout(cancelMs)]);
  const asked = { params: { id: runId }, query, signal };
  await client
    .with({ forMs: cancelMs - 2000 })
    .call('getRun', asked)
    .catch(() => undefined);
}
