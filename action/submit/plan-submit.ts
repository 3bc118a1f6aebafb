import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { RunnerEnvironment } from '../config.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { badInput } from '../inputs/parse.ts';
import { describeGithub } from './describe-github.ts';
import { findTests } from './find-tests.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { type Checkout, readCheckout } from './read-checkout.ts';
import { readTrigger, type Trigger } from './read-trigger.ts';

/** Everything that is decided before the server is asked. */
export interface Plan {
  readonly body: BodyOf<'submitRun'>;
  readonly key: string;
  readonly checkout: Checkout;
  /** Absolute. */
  readonly directory: string;
}

/** Errors: `invalid` for a folder that is not there, tests that match nothing, an unknown app version. */
export async function planSubmit(inputs: Inputs, environment: RunnerEnvironment): Promise<Plan> {
  const directory = resolve(environment.workspace, inputs.workingDirectory);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw badInput('working-directory', `there is no folder ${directory}; is the checkout missing?`);
  }
  const [trigger, checkout] = [await readTrigger(environment), await readCheckout(directory, environment)];
  const trustPaths = checkout.sha === undefined;
  const tests = await findTests({ directory, patterns: inputs.tests, trustPaths });
  return {
    body: bodyOf(inputs, trigger, checkout, tests),
    key: keyOf(inputs, trigger),
    checkout,
    directory,
  };
}

function bodyOf(inputs: Inputs, trigger: Trigger, checkout: Checkout, tests: string[]): BodyOf<'submitRun'> {
  const github = describeGithub(trigger, inputs.matrix, inputs.targets);
  return {
    ...(inputs.orgId !== undefined && { org_id: inputs.orgId }),
    app_version_id: appVersionOf(inputs, trigger),
    targets: [...inputs.targets],
    tests,
    priority: inputs.priority,
    max_retries: inputs.maxRetries,
    retry_failed_tests: inputs.retryFailedTests,
    timeout_ms: inputs.testTimeoutMs,
    queue_timeout_ms: inputs.queueTimeoutMs,
    framework: inputs.framework,
    source: { kind: 'workspace', ...(checkout.sha !== undefined && { sha: checkout.sha }) },
    fail_on_flaky: inputs.failOnFlaky,
    supersede: inputs.cancelSuperseded ?? trigger.eventName === 'pull_request',
    ...(github && { github }),
  };
}

function appVersionOf(inputs: Inputs, trigger: Trigger): string {
  const version = inputs.appVersionId ?? trigger.headSha ?? trigger.sha;
  if (version !== '') return version;
  throw badInput('app-version-id', 'is missing, and there is no commit to take its place');
}

function keyOf({ matrix }: Inputs, trigger: Trigger): string {
  const { repository, job, step, runId, runAttempt } = trigger;
  // Outside of a workflow run nothing tells two submits apart: each one is new.
  if (Number.isNaN(runId)) return randomUUID();
  return idempotencyKey({
    repository,
    runId: String(runId),
    runAttempt: String(runAttempt),
    job,
    matrix,
    step,
  });
}
