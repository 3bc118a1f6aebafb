import { type Client, createClient } from '@libsql/client';
import { remoteTrouble } from './remote-trouble.ts';
import type { RemoteDatabase } from './store.ts';

/** A libSQL server takes up to 128 connections of all its clients at once. */
const concurrency = 40;

/** Longer than a libSQL server lets writers wait for each other (5 s). */
const standardLimitMs = 8000;

/**
 * A client whose every call ends in time: without a limit, one to a server that stands still would never. Reads that a cut
 * connection has lost are sent once more, since the connections that were kept open die with each restart of the server.
 */
export function createRemoteClient({
  url,
  authToken,
  callLimitMs = standardLimitMs,
}: RemoteDatabase): Client {
  const client = createClient({
    url,
    concurrency,
    ...(authToken && { authToken }),
    fetch: (request: Request) => fetch(request, { signal: AbortSignal.timeout(callLimitMs) }),
  });
  const execute = client.execute.bind(client) as (...args: unknown[]) => ReturnType<Client['execute']>;
  client.execute = (...args: unknown[]) => twice(() => execute(...args));
  const batch = client.batch.bind(client);
  client.batch = (statements, mode) =>
    mode === 'read' ? twice(() => batch(statements, mode)) : batch(statements, mode);
  return client;
}

const twice = <T>(read: () => Promise<T>): Promise<T> =>
  read().catch((error: unknown) => {
    if (!isCut(error)) throw error;
    return read();
  });

const isCut = (error: unknown): boolean =>
  remoteTrouble(error)?.startsWith('the database cannot be reached') ?? false;
