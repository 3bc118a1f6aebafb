import * as core from '@actions/core';
import { parseParams } from '../../client/parse-params.ts';
import { checkServerUrl } from '../../client/server-url.ts';
import { isPlainName } from '../../protocol/clean-text.ts';
import { limits } from '../../protocol/limits.ts';
import { type Framework, frameworks } from '../../protocol/states.ts';
import { isTarget, unknownTarget } from '../../protocol/targets.ts';
import { mayAskIdToken } from '../config.ts';
import { type Credentials, noToken, optional, readCredentials, readGithubToken } from './credentials.ts';
import {
  badInput,
  type Given,
  parseChoice,
  parseCount,
  parseLines,
  parseMinutes,
  parseRetries,
  parseSwitch,
  readPriority,
} from './parse.ts';

/** What the workflow asks for. Defaults stand in action.yml; undefined: the server's default. Times in ms. */
export interface Inputs extends Credentials {
  readonly serverUrl: string;
  readonly appVersionId: string | undefined;
  /** The build of the app, relative to the working directory. */
  readonly appFile: string | undefined;
  /** Where the app is, for frameworks that fetch it themselves. */
  readonly appUrl: string | undefined;
  /** Paths and globs; a `!` excludes. */
  readonly tests: readonly string[];
  readonly targets: readonly string[];
  /** Where the test code comes from: the checkout, or the agent's own folder. */
  readonly source: 'bundle' | 'git' | 'workspace';
  readonly framework: Framework | undefined;
  /** Values for the tests, by name. */
  readonly params: Readonly<Record<string, string>> | undefined;
  /** Only tests whose title matches. */
  readonly grep: string | undefined;
  readonly priority: number | undefined;
  readonly maxRetries: number | undefined;
  readonly retryFailedTests: number | undefined;
  /** How long the step waits. */
  readonly timeoutMs: number | undefined;
  readonly queueTimeoutMs: number | undefined;
  readonly testTimeoutMs: number | undefined;
  readonly wait: boolean;
  readonly onCancel: 'cancel' | 'detach';
  /** Undefined: only for pull requests. */
  readonly cancelSuperseded: boolean | undefined;
  /** Queue also for a target that no device has ever offered. */
  readonly allowNoDevice: boolean;
  /** Failed jobs after which nothing more starts. */
  readonly maxFailures: number | undefined;
  /** `new`: failures that the base branch has too fail nothing. */
  readonly failOn: 'any' | 'new';
  readonly failOnFlaky: boolean;
  /** For check runs and the comment; '' writes none. */
  readonly githubToken: string;
  /** `<target>` in it stands for the target; '' writes no check run. */
  readonly checkName: string;
  /** When the comment in the pull request is written. */
  readonly comment: 'failures' | 'always' | 'changes' | 'off';
  readonly annotations: boolean;
  readonly summary: boolean;
  /** '' writes no report. */
  readonly reportPath: string;
  /** Of which jobs the evidence is downloaded. */
  readonly artifacts: 'failed' | 'all' | 'none';
  readonly workingDirectory: string;
  readonly dryRun: boolean;
  /** The workflow run that this step reports, and then submits nothing; '' in every other. */
  readonly reportOf: string;
  /** The check run of this job; '' where the runner does not say it. */
  readonly checkRunId: string;
  /** The matrix context as JSON. */
  readonly matrix: string;
}

const given = (name: string): Given => [name, core.getInput(name)];

/** Reads every input, the token first, so that it is masked before anything is printed. Errors: `invalid`. */
export function readInputs(): Inputs {
  const credentials = readCredentials();
  const dryRun = parseSwitch(given('dry-run'));
  if (credentials.token === '' && !dryRun && !mayAskIdToken()) throw badInput('token', noToken);
  const reportOf = core.getInput('report-of');
  return {
    serverUrl: readServerUrl(given('server-url'), parseSwitch(given('allow-http'))),
    ...credentials,
    appVersionId: optional('app-version-id'),
    appFile: optional('app-file'),
    appUrl: readAppUrl(given('app-url')),
    tests: reportOf === '' ? readTests(given('tests')) : [],
    targets: readTargets(given('target')),
    source: parseChoice(given('source'), ['bundle', 'git', 'workspace']),
    framework: core.getInput('framework') ? parseChoice(given('framework'), frameworks) : undefined,
    params: readParams(given('params')),
    grep: optional('grep'),
    priority: readPriority(given('priority')),
    maxRetries: parseRetries(given('max-retries')),
    retryFailedTests: parseRetries(given('retry-failed-tests')),
    timeoutMs: parseMinutes(given('timeout-minutes')),
    queueTimeoutMs: parseMinutes(given('queue-timeout-minutes')),
    testTimeoutMs: parseMinutes(given('test-timeout-minutes')),
    wait: parseSwitch(given('wait')),
    onCancel: parseChoice(given('on-cancel'), ['cancel', 'detach']),
    cancelSuperseded: core.getInput('cancel-superseded')
      ? parseSwitch(given('cancel-superseded'))
      : undefined,
    allowNoDevice: parseSwitch(given('allow-no-device')),
    maxFailures: parseCount(given('max-failures'), limits.testsPerRun),
    failOn: parseChoice(given('fail-on'), ['any', 'new']),
    failOnFlaky: parseSwitch(given('fail-on-flaky')),
    githubToken: readGithubToken(),
    checkName: core.getInput('check-name'),
    comment: parseChoice(whenToComment(given('comment')), ['failures', 'always', 'changes', 'off']),
    annotations: parseSwitch(given('annotations')),
    summary: parseSwitch(given('summary')),
    reportPath: core.getInput('report-path'),
    artifacts: parseChoice(given('artifacts'), ['failed', 'all', 'none']),
    workingDirectory: core.getInput('working-directory'),
    dryRun,
    reportOf,
    checkRunId: core.getInput('check-run-id'),
    matrix: core.getInput('matrix'),
  };
}

/** As people write a switch: `true` is always, `false` is off. */
const whenToComment = ([name, text]: Given): Given => [
  name,
  text === 'true' ? 'always' : text === 'false' ? 'off' : text,
];

function readServerUrl([name, text]: Given, allowHttp: boolean): string {
  if (text === '') throw badInput(name, 'is missing: give the address of the qgjob server');
  return checkServerUrl(text, { from: `input ${name}`, allowHttp, allowHttpBy: 'set allow-http to true' });
}

function readTests(input: Given): string[] {
  const tests = parseLines(input);
  if (tests.some((line) => !line.startsWith('!'))) return tests;
  throw badInput(input[0], 'names no test file: give paths or globs, one a line');
}

function readTargets(input: Given): string[] {
  const targets = [...new Set(parseLines(input))];
  if (targets.length === 0) throw badInput(input[0], 'names no target');
  const unknown = targets.find((target) => !isTarget(target));
  if (unknown === undefined) return targets;
  throw badInput(input[0], unknownTarget(unknown));
}

function readParams(input: Given): Inputs['params'] {
  const lines = parseLines(input);
  if (lines.length === 0) return undefined;
  const read = parseParams(lines);
  if ('params' in read) return read.params;
  throw badInput(input[0], `"${read.bad}" is not allowed: use NAME=text, one a line`);
}

function readAppUrl([name, text]: Given): string | undefined {
  if (text === '') return undefined;
  if (text.length <= 2000 && isPlainName(text) && URL.canParse(text)) return text;
  throw badInput(name, 'is no address, like https://…');
}
