import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { newRecord, type RunRecord } from '../follow/run-record.ts';
import type { Plan } from './plan-submit.ts';

// Enough to learn of a run whose submit was under way when the workflow was cancelled, so that it can be cancelled too.
const graceMs = 3000;

/**
 * Submits the run. The same plan again answers the same run. Errors: what the server says,
 * `unavailable` when it does not answer, the signal's reason once `stop` fired.
 */
export async function submitRun(client: Client, plan: Plan, stop: AbortSignal): Promise<RunRecord> {
  stop.throwIfAborted();
  const signal = delayed(stop, graceMs);
  const input = { body: plan.body, idempotencyKey: plan.key, signal };
  return newRecord(await client.call('submitRun', input).catch(explain));
}

function explain(error: unknown): never {
  if (!(error instanceof QgjobError) || error.code !== 'conflict') throw error;
  const advice = 'give each qgjob step of the job an id of its own';
  throw new QgjobError('conflict', `${error.message}. Two steps look alike: ${advice}`, { cause: error });
}

/** Fires some ms after `signal`. */
function delayed(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const later = () => setTimeout(() => controller.abort(signal.reason), ms).unref();
  signal.addEventListener('abort', later, { once: true });
  return controller.signal;
}
