import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type PhaseResult, runMain, runPost, sha } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { head, type OnGithub, onGithub, pullRequest } from '../support/action-stage.ts';
import { rowsOf } from '../support/nightly.ts';

const lab = useLab({
  'tests/one.sh': 'echo one',
  'tests/fails.sh': 'echo why it failed; exit 1',
  'tests/flaky.sh': 'test "$QGJOB_ATTEMPT" = 2',
  'tests/broken.sh': 'exit 75',
});

/** How a step ends, and all that GitHub shows of it. */
interface Scenario {
  readonly inputs: Readonly<Record<string, string>>;
  readonly on?: OnGithub;
  readonly code: 0 | 1;
  readonly outputs: object;
  /** In the job summary. */
  readonly summary: string;
  /** Files that the step itself annotates; those of a check run are in `check`. */
  readonly annotated?: readonly string[];
  /** What it says of GitHub, each once. */
  readonly notices?: readonly string[];
  /** Undefined: none is written. */
  readonly check: { readonly at: string; readonly conclusion: string; readonly title: string } | undefined;
  readonly checkAnnotated?: readonly string[];
  /** The first line of its section of the comment; undefined: there is no comment. */
  readonly comment: string | undefined;
}

const ofPull: OnGithub = { event: pullRequest() };
const readOnly = { checks: 'read', pullRequests: 'read' } as const;
const grant = (line: string) => `add to the permissions of the workflow: \`${line}: write\``;
const mergeGroup = {
  name: 'merge_group',
  payload: { merge_group: { head_sha: sha, base_ref: 'refs/heads/main' } },
};
const failed = {
  inputs: { tests: 'tests/one.sh\ntests/fails.sh' },
  code: 1,
  outputs: { status: 'failed', conclusion: 'failure', total: '2', passed: '1', failed: '1' },
  summary: '1 of 2 jobs failed: tests/fails.sh on emulator',
} as const;
const failedCheck = { at: head, conclusion: 'failure', title: '2 jobs: 1 failed, 1 passed' };

const scenarios: Readonly<Record<string, Scenario>> = {
  passed: {
    ...{ inputs: { tests: 'tests/one.sh' }, on: ofPull, code: 0 },
    outputs: { status: 'passed', conclusion: 'success', total: '1', passed: '1' },
    summary: '### qgjob: every test passed',
    check: { at: head, conclusion: 'success', title: '1 job: 1 passed' },
    comment: '#### Passed: app-tests',
  },
  failed: {
    ...failed,
    on: ofPull,
    check: failedCheck,
    checkAnnotated: ['tests/fails.sh'],
    comment: '#### Failed: app-tests',
  },
  flaky: {
    ...{ inputs: { tests: 'tests/flaky.sh', 'retry-failed-tests': '1' }, on: ofPull, code: 0 },
    outputs: { status: 'passed', conclusion: 'success', passed: '1', flaky: '1' },
    summary: '| flaky | tests/flaky.sh | emulator |',
    check: { at: head, conclusion: 'success', title: '1 job: 1 flaky' },
    comment: '#### Passed: app-tests',
  },
  'flaky, with fail-on-flaky': {
    inputs: { tests: 'tests/flaky.sh', 'retry-failed-tests': '1', 'fail-on-flaky': 'true' },
    ...{ on: ofPull, code: 1 },
    outputs: { conclusion: 'failure', passed: '1', flaky: '1' },
    summary: 'passed only after a failed attempt',
    check: { at: head, conclusion: 'failure', title: '1 job: 1 flaky' },
    comment: '#### Failed: app-tests',
  },
  errored: {
    ...{ inputs: { tests: 'tests/broken.sh', 'max-retries': '0' }, on: ofPull, code: 1 },
    outputs: { status: 'errored', conclusion: 'failure', errored: '1' },
    summary: 'a problem of the infrastructure and not of a test',
    check: { at: head, conclusion: 'failure', title: '1 job: 1 errored' },
    checkAnnotated: ['tests/broken.sh'],
    comment: '#### Failed: app-tests',
  },
  'passed in a merge queue': {
    ...{ inputs: { tests: 'tests/one.sh' }, on: { event: mergeGroup }, code: 0 },
    outputs: { conclusion: 'success', passed: '1' },
    summary: '### qgjob: every test passed',
    check: { at: sha, conclusion: 'success', title: '1 job: 1 passed' },
    comment: undefined,
  },
  'failed, from a fork': {
    ...failed,
    on: { event: pullRequest({ from: 8 }), rights: readOnly },
    annotated: ['tests/fails.sh'],
    ...{ check: undefined, comment: undefined },
  },
  'failed, of Dependabot': {
    ...failed,
    on: { ...ofPull, rights: readOnly, env: { GITHUB_ACTOR: 'dependabot[bot]' } },
    annotated: ['tests/fails.sh'],
    ...{ check: undefined, comment: undefined },
  },
  'failed, without any permission to write': {
    ...failed,
    on: { ...ofPull, rights: readOnly },
    annotated: ['tests/fails.sh'],
    notices: [grant('checks'), grant('pull-requests')],
    ...{ check: undefined, comment: undefined },
  },
  'failed, with checks: write alone': {
    ...failed,
    on: { ...ofPull, rights: { pullRequests: 'read' } },
    notices: [grant('pull-requests')],
    check: failedCheck,
    checkAnnotated: ['tests/fails.sh'],
    comment: undefined,
  },
  'failed, with pull-requests: write alone': {
    ...failed,
    on: { ...ofPull, rights: { checks: 'read' } },
    annotated: ['tests/fails.sh'],
    notices: [grant('checks')],
    check: undefined,
    comment: '#### Failed: app-tests',
  },
};

const dataOf = ({ commands }: PhaseResult, name: string): string[] =>
  commands.filter((command) => command.name === name).map(({ data }) => data);

const byDay = [
  ...['passed', 'failed', 'passed in a merge queue', 'failed, from a fork'],
  'failed, without any permission to write',
];

test.each(rowsOf(scenarios, byDay))('%s', async (_, scenario) => {
  const { github, step } = await onGithub(lab(), { comment: 'always', ...scenario.inputs }, scenario.on);
  const result = await runMain(step);
  expect(result, result.log).toMatchObject({
    ...{ code: scenario.code, stderr: '', environment: '' },
    outputs: scenario.outputs,
  });
  expect(result.summary).toContain(scenario.summary);
  const files = result.commands.map(({ properties }) => properties.file).filter((file) => file);
  expect(files).toEqual(scenario.annotated ?? []);
  // One error more says why the step failed.
  expect(dataOf(result, 'error')).toHaveLength(files.length + scenario.code);
  const notices = scenario.notices ?? [];
  expect(dataOf(result, 'notice')).toEqual(notices.map((line) => expect.stringContaining(line)));
  const { check, checkAnnotated = [], comment } = scenario;
  expect(
    github.checks.map(({ name, head_sha: at, status, conclusion, output, annotations }) => ({
      ...{ name, at, status, conclusion, title: output?.title, files: annotations.map(({ path }) => path) },
    })),
  ).toEqual(
    check ? [{ name: 'qgjob (emulator)', status: 'completed', ...check, files: checkAnnotated }] : [],
  );
  expect(github.comments).toHaveLength(comment ? 1 : 0);
  expect(github.comments[0]?.body ?? '').toContain(comment ?? '');
  expect(readFileSync(result.outputs['junit-path'] ?? '', 'utf8')).toContain('<testsuites');
  expect(github.problems).toEqual([]);
  expect(await runPost(step, result)).toMatchObject({ code: 0, stderr: '' });
});
