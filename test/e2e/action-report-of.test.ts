import { expect, test } from 'vitest';
import { readSections } from '../../report/sections.ts';
import { runMain, type StepOptions } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { type FakeGithub, startFakeGithub, type TokenRights } from '../support/github/fake-github.ts';

const lab = useLab({ 'tests/one.sh': 'echo one', 'tests/fails.sh': "echo 'expected 4'; exit 1" });

const head = '2222222222222222222222222222222222222222';
const fork = { sha: head, repo: { id: 99 } };
const pull = {
  name: 'pull_request',
  payload: {
    pull_request: { number: 7, head: fork, base: { repo: { id: 4711 } } },
    repository: { id: 4711 },
  },
};
const reads = { checks: 'read', pullRequests: 'read' } as const;

const step = (
  github: FakeGithub,
  runId: string,
  inputs: Record<string, string>,
  { rights, ...more }: Partial<StepOptions> & { rights?: Partial<TokenRights> },
) => {
  const env = { GITHUB_API_URL: github.url, GITHUB_RUN_ID: runId, ...more.env };
  const own = lab().step(
    { 'retry-failed-tests': '0', ...inputs },
    { githubToken: github.token(rights), ...more },
  );
  return runMain({ ...own, env });
};

/** The step in the pull request of a fork. */
const inFork = (github: FakeGithub, runId: string, tests: string, more: Partial<StepOptions> = {}) =>
  step(github, runId, { tests }, { event: pull, rights: reads, ...more });

interface Event {
  readonly sha?: string;
  readonly attempt?: number;
  readonly conclusion?: string;
}

/** The step in the workflow that starts when that one has ended. */
const report = (
  github: FakeGithub,
  of: string,
  inputs: Record<string, string> = {},
  { sha = head, attempt = 1, conclusion = 'failure' }: Event = {},
) => {
  const run = { id: Number(of), head_sha: sha, name: 'app tests', run_attempt: attempt, conclusion };
  const event = { name: 'workflow_run', payload: { workflow_run: run, repository: { id: 4711 } } };
  return step(github, `9${of}`, { 'report-of': of, ...inputs }, { event });
};

const results = (github: FakeGithub) =>
  readSections(github.comments[0]?.body ?? '').map(({ result }) => result);

test('what a fork’s run tested is reported by another workflow: check run, comment, summary, outputs', async () => {
  const github = await startFakeGithub();
  github.addPull(7, head);
  const tested = await inFork(github, '501', 'tests/*.sh');
  expect([tested.code, github.checks, github.comments]).toEqual([1, [], []]);
  const told = await report(github, '501');
  expect(told.code).toBe(1);
  expect(told.outputs).toMatchObject({
    'run-id': tested.outputs['run-id'],
    status: 'failed',
    failed: '1',
    passed: '1',
  });
  expect(github.checks).toMatchObject([
    { name: 'qgjob (emulator)', head_sha: head, status: 'completed', conclusion: 'failure' },
  ]);
  expect(github.comments).toMatchObject([{ issue: 7 }]);
  expect(readSections(github.comments[0]?.body ?? '')).toMatchObject([{ result: 'failed' }]);
  expect(told.summary).toContain('1 of 2 jobs failed: tests/fails.sh on emulator');
  await report(github, '501');
  expect([github.checks.length, github.comments.length, github.problems]).toEqual([1, 1, []]);
});

test('each leg has a check run and a section, and a green one hides no red one', async () => {
  const github = await startFakeGithub();
  github.addPull(7, head);
  for (const [leg, tests] of ['tests/one.sh', 'tests/fails.sh'].entries())
    await inFork(github, '502', tests, { matrix: { leg } });
  const told = await report(github, '502', { comment: 'always' });
  expect(told.code).toBe(1);
  expect(new Set(github.checks.map(({ name }) => name)).size).toBe(2);
  expect(github.checks.map(({ conclusion }) => conclusion).sort()).toEqual(['failure', 'success']);
  expect(readSections(github.comments[0]?.body ?? '').map(({ result }) => result)).toEqual([
    'failed',
    'passed',
  ]);
});

test('two steps of one job that nothing tells apart have a check run and a section each', async () => {
  const github = await startFakeGithub();
  github.addPull(7, head);
  for (const tests of ['tests/one.sh', 'tests/fails.sh']) await inFork(github, '506', tests);
  expect((await report(github, '506', { comment: 'always' })).code).toBe(1);
  expect(github.checks.map(({ name, conclusion }) => [name, conclusion])).toEqual([
    ['qgjob (emulator)', 'success'],
    ['qgjob (emulator) #2', 'failure'],
  ]);
  expect(results(github)).toEqual(['failed', 'passed']);
});

test('the newest attempt is reported under the names of the first one, and an attempt that GitHub does not know is not', async () => {
  const github = await startFakeGithub();
  github.addPull(7, head);
  const attempt = (n: string, tests: string) =>
    inFork(github, '507', tests, { env: { GITHUB_RUN_ATTEMPT: n } });
  await attempt('1', 'tests/fails.sh');
  await report(github, '507');
  expect(results(github)).toEqual(['failed']);
  await attempt('99', 'tests/one.sh');
  expect((await report(github, '507')).code).toBe(1);
  await attempt('2', 'tests/one.sh');
  const told = await report(github, '507', {}, { attempt: 2, conclusion: 'success' });
  expect([told.code, results(github)]).toEqual([0, ['passed']]);
  expect(new Set(github.checks.map(({ name }) => name))).toEqual(new Set(['qgjob (emulator)']));
  expect(github.checks.at(-1)?.conclusion).toBe('success');
});

test('a workflow run that did not succeed is no green, though all that it submitted passed', async () => {
  const github = await startFakeGithub();
  await inFork(github, '508', 'tests/one.sh');
  const told = await report(github, '508');
  expect(told.code).toBe(1);
  expect(told.log).toContain('workflow run 508 ended as failure, though all that it submitted passed');
  expect((await report(github, '508', {}, { conclusion: 'success' })).code).toBe(0);
});

test('a run that says to be of another commit is not reported, and nothing to report is no green', async () => {
  const github = await startFakeGithub();
  github.addPull(7, head);
  await inFork(github, '503', 'tests/one.sh');
  const other = await report(github, '503', {}, { sha: '3'.repeat(40) });
  expect(other.code).toBe(1);
  expect(other.log).toContain(
    '1 run says to be of workflow run 503, but not with the commit, repository, name and attempt that GitHub says',
  );
  expect(other.log).toContain('workflow run 503 submitted nothing');
  expect((await report(github, '504')).code).toBe(1);
  expect([github.checks, github.comments]).toEqual([[], []]);
});

test('a pull request that has a newer push, or is not the one that a run names, gets no comment', async () => {
  const github = await startFakeGithub();
  github.addPull(7, '4'.repeat(40));
  await inFork(github, '505', 'tests/fails.sh');
  const told = await report(github, '505');
  expect(told.log).toContain('No comment: no pull request stands at this commit.');
  expect([github.checks.length, github.comments.length]).toEqual([1, 0]);
});

test('outside of workflow_run, and for another run than that of the event, the step is refused', async () => {
  const github = await startFakeGithub();
  const refused = await step(github, '1', { 'report-of': '5' }, { event: { name: 'push', payload: {} } });
  expect(refused.log).toContain('report-of');
  expect(refused.code).toBe(1);
  const payload = { workflow_run: { id: 6, head_sha: head }, repository: { id: 4711 } };
  const other = await step(github, '1', { 'report-of': '5' }, { event: { name: 'workflow_run', payload } });
  expect([other.code, other.log.includes('github.event.workflow_run.id')]).toEqual([1, true]);
});
