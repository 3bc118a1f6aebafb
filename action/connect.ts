import type { Client } from '../client/index.ts';

/** How the Action names itself to the server. */
export const userAgent = 'qgjob-action';

// The runner kills the step 7.5 s after the first signal.
const boundMs = 5000;

/** Asks the server to cancel; idempotent. Over within 5 s. Errors: what the server says, or that it did not answer. */
export async function cancelRun(client: Client, runId: string): Promise<void> {
  const patient = client.with({ forMs: boundMs - 2000 });
  await patient.call('cancelRun', { params: { id: runId }, signal: AbortSignal.timeout(boundMs) });
}
