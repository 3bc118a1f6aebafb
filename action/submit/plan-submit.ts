import { randomUUID } from 'node:crypto';
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { versionOfBuild } from '../../client/apps/describe-app.ts';
import type { PreparedApp } from '../../client/apps/prepare-app.ts';
import { readGitSource } from '../../client/read-git-source.ts';
import type { GitOptions } from '../../client/run-git.ts';
import { type FoundTests, findTests } from '../../client/test-files/find-tests.ts';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { RunnerEnvironment } from '../config.ts';
import type { Inputs } from '../inputs/inputs.ts';
import { badInput } from '../inputs/parse.ts';
import { appVersionOf, strayCheckout } from './app-version.ts';
import { describeGithub } from './describe-github.ts';
import { readCheckName } from './read-check-name.ts';
import { type Checkout, readCheckout } from './read-checkout.ts';
import { readTrigger, type Trigger } from './read-trigger.ts';
import type { GivenApp } from './register-app.ts';
import { whyNotStart } from './why-not-start.ts';

/** Everything that is decided before the server is called. */
export interface Plan {
  /** Without its source, where that is a bundle. */
  readonly body: BodyOf<'submitRun'>;
  readonly app: GivenApp;
  /** What a bundle is packed with; undefined where none is. */
  readonly git: GitOptions | undefined;
  /** Idempotency-Key, new for each execution: a submit sent twice is one run, a step executed twice makes two. */
  readonly key: string;
  readonly checkout: Checkout;
  /** Absolute: the folder of the job's checkouts. */
  readonly workspace: string;
  /** Absolute: the working directory. */
  readonly directory: string;
  /** The id of the step in its job. */
  readonly step: string;
  /** What triggered the workflow may not write to GitHub. */
  readonly isReadOnly: boolean;
  /** The code is not that of the commit which the workflow is about, so nothing may be written about that commit. */
  readonly isStray: boolean;
  /** Why no program of the checkout is started; undefined where one may be. */
  readonly whyNotStart: string | undefined;
  /** For the log; they stop nothing. */
  readonly warnings: readonly string[];
}

/** Errors: `invalid` for a folder that does not exist, tests that match nothing, an app version that is not known. */
export async function planSubmit(inputs: Inputs, environment: RunnerEnvironment): Promise<Plan> {
  const directory = resolve(environment.workspace, inputs.workingDirectory);
  if (!statSync(directory, { throwIfNoEntry: false })?.isDirectory()) {
    throw badInput('working-directory', `there is no folder ${directory}; is the checkout missing?`);
  }
  const [trigger, checkout] = [await readTrigger(environment), await readCheckout(directory, environment)];
  const checkName = inputs.dryRun ? undefined : readCheckName(inputs, trigger.repository);
  const found = findTestsOf(inputs, directory, checkout);
  const git = { env: environment.gitEnv, anyOwner: true, ceiling: realpathSync(environment.workspace) };
  const commit = inputs.source === 'git' ? await readGitSource(directory, found.tests, git) : undefined;
  const file = await readBuild(inputs, directory);
  const stray = strayCheckout(trigger, checkout, inputs.appVersionId !== undefined);
  return {
    body: {
      ...bodyOf(inputs, trigger, checkout, found.tests, await checkName),
      app_version_id: inputs.appVersionId ?? defaultVersion(trigger, checkout, file),
      ...(commit && { source: commit.source }),
    },
    app: { file, url: inputs.appUrl },
    git: inputs.source === 'bundle' ? git : undefined,
    key: randomUUID(),
    checkout,
    workspace: environment.workspace,
    directory,
    step: trigger.step,
    isReadOnly: trigger.isReadOnly,
    isStray: stray !== undefined,
    whyNotStart: whyNotStart(trigger, stray !== undefined),
    warnings: [
      ...(stray === undefined ? [] : [stray]),
      ...(commit?.isChanged ? ['changes that are not committed are not part of this run'] : []),
      ...leftOut(found),
    ],
  };
}

/** Only the agent's workspace, and only without a checkout here, may have a path that does not exist here. */
const findTestsOf = ({ tests, source }: Inputs, directory: string, { sha }: Checkout): FoundTests =>
  findTests({
    directory,
    patterns: tests,
    label: (pattern) => `input tests: "${pattern}"`,
    keepMissing: sha === undefined && source === 'workspace',
  });

const leftOut = ({ leftOut: links }: FoundTests): string[] =>
  links.length === 0
    ? []
    : [
        `tests left out, since they are links that lead out of the folder or nowhere: ${links.slice(0, 10).join(', ')}`,
      ];

function bodyOf(
  inputs: Inputs,
  trigger: Trigger,
  checkout: Checkout,
  tests: readonly string[],
  checkName: string | undefined,
): Omit<BodyOf<'submitRun'>, 'app_version_id'> {
  const check = { id: inputs.checkRunId, name: checkName, template: inputs.checkName };
  const github = describeGithub(trigger, inputs.matrix, inputs.targets, check, checkout.sha);
  return {
    ...(inputs.orgId !== undefined && { org_id: inputs.orgId }),
    targets: [...inputs.targets],
    tests: [...tests],
    priority: inputs.priority,
    max_retries: inputs.maxRetries,
    retry_failed_tests: inputs.retryFailedTests,
    timeout_ms: inputs.testTimeoutMs,
    queue_timeout_ms: inputs.queueTimeoutMs,
    framework: inputs.framework,
    ...(inputs.params && { params: { ...inputs.params } }),
    ...(inputs.grep !== undefined && { grep: inputs.grep }),
    // That of a bundle is known once it is packed.
    ...(inputs.source === 'workspace' && {
      source: { kind: 'workspace', ...(checkout.sha !== undefined && { sha: checkout.sha }) },
    }),
    ...(inputs.allowNoDevice && { allow_no_device: true }),
    max_failures: inputs.maxFailures,
    ...(inputs.failOn === 'new' && { fail_on: 'new' }),
    fail_on_flaky: inputs.failOnFlaky,
    ...(inputs.wait && inputs.onCancel === 'cancel' && { on_client_gone: 'cancel' }),
    comment: inputs.comment,
    supersede: inputs.cancelSuperseded ?? trigger.eventName === 'pull_request',
    ...(github && { github }),
  };
}

/** Errors: `invalid` for what is no app. */
async function readBuild({ appFile }: Inputs, directory: string): Promise<PreparedApp | undefined> {
  if (appFile === undefined) return undefined;
  const { prepareApp } = await import('./app-file.ts');
  return prepareApp(resolve(directory, appFile)).catch((error: Error) => {
    throw badInput('app-file', error.message);
  });
}

function defaultVersion(trigger: Trigger, checkout: Checkout, file: PreparedApp | undefined): string {
  const version = appVersionOf(trigger, checkout);
  if (version !== '') return file === undefined ? version : versionOfBuild(version, file.sha256);
  throw badInput('app-version-id', 'is missing, and there is no commit to take its place');
}
