import * as core from '@actions/core';
import type { Client } from '../../client/index.ts';
import { adviseNoDevice, warningsOf } from '../../client/submit-words.ts';
import { newRecord, type RunRecord } from '../follow/run-record.ts';
import { cleanLine } from '../log/clean-lines.ts';
import type { Plan } from './plan-submit.ts';

// When the workflow is cancelled during a submit: time for its answer, so that the new run can be cancelled too.
const graceMs = 3000;

/**
 * Submits the run; the same plan sent again gives the same run. Errors: the server's, `unavailable` when it does not
 * answer, the signal's reason after `stop` has fired.
 */
export async function submitRun(client: Client, plan: Plan, stop: AbortSignal): Promise<RunRecord> {
  stop.throwIfAborted();
  const signal = delayed(stop, graceMs);
  const input = { body: plan.body, idempotencyKey: plan.key, signal };
  const answer = await client.call('submitRun', input).catch((error: unknown) => {
    throw adviseNoDevice(error, 'allow-no-device: true');
  });
  for (const warning of warningsOf(answer)) core.warning(cleanLine(warning));
  return newRecord(answer);
}

/** Fires `ms` after `signal`. */
function delayed(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const later = () => setTimeout(() => controller.abort(signal.reason), ms).unref();
  signal.addEventListener('abort', later, { once: true });
  return controller.signal;
}
