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
  const env = { GITHUB_API_URL: github.url, GITHUB_RUN_ID: runId };
  const own = lab().step(
    { 'retry-failed-tests': '0', ...inputs },
    { githubToken: github.token(rights), ...more },
  );
  return runMain({ ...own, env });
};

/** The step in the pull request of a fork. */
const inFork = (github: FakeGithub, runId: string, tests: string, more: Partial<StepOptions> = {}) =>
  step(github, runId, { tests }, { event: pull, rights: reads, ...more });

/** The step in the workflow that starts when that one has ended. */
const report = (github: FakeGithub, of: string, inputs: Record<string, string> = {}, sha = head) => {
  const payload = { workflow_run: { id: Number(of), head_sha: sha }, repository: { id: 4711 } };
  return step(github, `9${of}`, { 'report-of': of, ...inputs }, { event: { name: 'workflow_run', payload } });
};

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

test('a run that says to be of another commit is not reported, and nothing to report is no green', async () => {
  const github = await startFakeGithub();
  github.addPull(7, head);
  await inFork(github, '503', 'tests/one.sh');
  const other = await report(github, '503', {}, '3'.repeat(40));
  expect(other.code).toBe(1);
  expect(other.log).toContain('1 run says to be of workflow run 503, but of another commit or repository');
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
