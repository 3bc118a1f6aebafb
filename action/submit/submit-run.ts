import * as core from '@actions/core';
import { describeBundle, describeHeldBack } from '../../client/bundle/describe-bundle.ts';
import { packSource } from '../../client/bundle/pack-source.ts';
import { sendBundle } from '../../client/bundle/send-bundle.ts';
import type { Client } from '../../client/index.ts';
import { adviseNoDevice, warningsOf } from '../../client/submit-words.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import { cleanLine } from '../../report/clean-lines.ts';
import type { RunRecord } from '../../report/run-record.ts';
import type { SubmitTrace } from '../../tracing/trace-submit.ts';
import { newRecord } from '../follow/run-record.ts';
import type { Plan } from './plan-submit.ts';
import { registerApp } from './register-app.ts';

// When the workflow is cancelled during a submit: time for its answer, so that the new run can be cancelled too.
const graceMs = 3000;

const leftOutShown = 10;

/**
 * Submits the run; the same plan sent again gives the same run. Errors: the server's, `unavailable` when it does not
 * answer, the signal's reason after `stop` has fired.
 */
export async function submitRun(
  client: Client,
  plan: Plan,
  trace: SubmitTrace,
  stop: AbortSignal,
): Promise<RunRecord> {
  stop.throwIfAborted();
  const signal = delayed(stop, graceMs);
  await registerApp(client, plan.app, plan.body, stop);
  const body = { ...(await withSource(client, plan, stop)), ...trace.body };
  const input = { body, idempotencyKey: plan.key, signal };
  const submitting = trace.submitting(() => client.call('submitRun', input));
  const answer = await submitting.catch((error: unknown) => {
    throw adviseNoDevice(error, 'allow-no-device: true');
  });
  for (const warning of warningsOf(answer)) core.warning(cleanLine(warning));
  return newRecord(answer);
}

/** The body with the checkout as its source, which is uploaded where the server does not have it yet. */
async function withSource(
  client: Client,
  { body, git, directory }: Plan,
  signal: AbortSignal,
): Promise<BodyOf<'submitRun'>> {
  if (git === undefined) return body;
  const packed = await packSource({ folder: directory, tests: body.tests, git, signal });
  try {
    for (const { path, why } of packed.leftOut.slice(0, leftOutShown))
      core.warning(cleanLine(`left out of the bundle: ${path} ${why}`));
    const heldBack = describeHeldBack(packed);
    if (heldBack !== undefined) core.warning(cleanLine(heldBack));
    const isNew = await sendBundle(client, packed, { orgId: body.org_id, signal });
    core.info(cleanLine(`Source ${packed.source.sha256}: ${describeBundle(packed, isNew)}`));
    return { ...body, source: packed.source };
  } finally {
    await packed.dispose();
  }
}

/** Fires `ms` after `signal`. */
function delayed(signal: AbortSignal, ms: number): AbortSignal {
  const controller = new AbortController();
  const later = () => setTimeout(() => controller.abort(signal.reason), ms).unref();
  signal.addEventListener('abort', later, { once: true });
  return controller.signal;
}
