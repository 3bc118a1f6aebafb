import { type Client, createClient } from '../client/index.ts';

/** A client that names itself as the Action. */
export const connect = (serverUrl: string, token: string): Client =>
  createClient({ url: serverUrl, token, userAgent: 'qgjob-action' });

// All tries together. The runner kills the step 7.5 s after the first signal.
const cancelMs = 5000;

/** Cancels a run; a repeat does nothing more. Takes 5 s at most. Errors: the server's, or `unavailable`. */
export async function cancelRun(client: Client, runId: string): Promise<void> {
  const retrying = client.with({ forMs: cancelMs - 2000 });
  await retrying.call('cancelRun', { params: { id: runId }, signal: AbortSignal.timeout(cancelMs) });
}
