import * as core from '@actions/core';
import type { Client } from '../../client/index.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { newRecord, type RunRecord } from '../follow/run-record.ts';
import { cleanLine } from '../log/clean.ts';
import type { Plan } from './plan-submit.ts';

// Enough to learn of a run whose submit was under way when the workflow was cancelled, so that it can be cancelled too.
const graceMs = 3000;

/**
 * Submits the run and prints its URL. The same plan again answers the same run. Errors: what the server says,
 * `unavailable` when it does not answer, the signal's reason once `stop` fired.
 */
export async function submitRun(client: Client, plan: Plan, stop: AbortSignal): Promise<RunRecord> {
  stop.throwIfAborted();
  const signal = delayed(stop, graceMs);
  const record = newRecord(
    await client.call('submitRun', { body: plan.body, idempotencyKey: plan.key, signal }).catch(explain),
  );
  core.info(`Run ${cleanLine(record.run.run_id)}: ${cleanLine(record.run.url)}`);
  return record;
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
