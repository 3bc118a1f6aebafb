import { execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runMain, runPost, type StepOptions, sha, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import {
  badGateway,
  type FakeGithub,
  startFakeGithub,
  type TokenRights,
} from '../support/github/fake-github.ts';
import { tempFolder } from '../support/queue.ts';

const lab = useLab({
  'tests/one.sh': 'echo one',
  'tests/fails.sh': 'echo why it failed; exit 1',
  'tests/slow.sh': 'exec sleep 300',
});

/** A step in a workflow of this GitHub. */
async function onGithub(
  inputs: Record<string, string>,
  { rights, ...more }: Partial<StepOptions> & { rights?: Partial<TokenRights> } = {},
): Promise<{ github: FakeGithub; step: StepOptions }> {
  const github = await startFakeGithub();
  const githubToken = github.token(rights);
  const env = { GITHUB_API_URL: github.url };
  const step = lab().step({ 'retry-failed-tests': '0', ...inputs }, { ...more, githubToken, env });
  return { github, step };
}

const head = '2222222222222222222222222222222222222222';
const pull = (headRepo: number | null) => ({
  name: 'pull_request',
  payload: {
    pull_request: {
      number: 7,
      head: { sha: head, repo: headRepo === null ? null : { id: headRepo } },
      base: { repo: { id: 4711 } },
    },
  },
});

/** A checkout at a commit that no event names. */
function otherCheckout(): string {
  const folder = tempFolder();
  cpSync(lab().workspace, folder, { recursive: true });
  const git = (...words: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...words]);
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'tests');
  return folder;
}

test('a failed step leaves a red check run at its commit, which has the annotations', async () => {
  const { github, step } = await onGithub({ tests: 'tests/one.sh\ntests/fails.sh' });
  const result = await runMain(step);
  expect(result).toMatchObject({ code: 1, stderr: '' });
  expect(github.checks).toMatchObject([
    {
      ...{ name: 'qgjob (emulator)', head_sha: sha, status: 'completed', conclusion: 'failure' },
      external_id: `${result.outputs['run-id']}:emulator`,
      details_url: result.outputs['run-url'],
      output: { title: '2 jobs: 1 failed, 1 passed' },
      annotations: [{ path: 'tests/fails.sh' }],
    },
  ]);
  const errors = result.commands.filter(({ name }) => name === 'error').map(({ data }) => data);
  expect(errors).toEqual(['1 of 2 jobs failed: tests/fails.sh on emulator']);
  expect(result.log).not.toMatch(new RegExp(`(?<!::add-mask::)${step.githubToken}`));
  const calls = github.calls.length;
  expect(await runPost(step, result)).toMatchObject({ code: 0 });
  expect([github.calls.length, github.problems]).toEqual([calls, []]);
});

test('of a pull request it is at the head commit, and each leg and target has its own', async () => {
  const inputs = { tests: 'tests/one.sh', 'check-name': 'apps: <target>' };
  const { github, step } = await onGithub(inputs, { event: pull(4711), matrix: { os: 'linux', shard: 2 } });
  expect((await runMain(step)).code).toBe(0);
  expect(github.checks).toMatchObject([
    { name: 'apps: emulator, linux, 2', head_sha: head, conclusion: 'success', annotations: [] },
  ]);
});

test('a job that writes the check run of another job too is warned, and one with a name of its own is not', async () => {
  const env = { GITHUB_RUN_ID: '9100' };
  const run = async (job: string, name?: string) => {
    const inputs = { tests: 'tests/one.sh', ...(name && { 'check-name': name }) };
    const { github, step } = await onGithub(inputs, {});
    const { commands } = await runMain({ ...step, env: { ...step.env, ...env, GITHUB_JOB: job } });
    return [
      github.checks[0]?.name,
      ...commands.filter((one) => one.name === 'warning').map(({ data }) => data),
    ];
  };
  expect(await run('smoke')).toEqual(['qgjob (emulator)']);
  expect(await run('whole')).toEqual([
    'qgjob (emulator)',
    expect.stringContaining('(job smoke) writes the check run "qgjob (emulator)" too'),
  ]);
  expect(await run('other', 'other (<target>)')).toEqual(['other (emulator)']);
});

test.each([
  ['the base of a pull request', { ...pull(4711), name: 'pull_request_target' }, undefined],
  ['another branch for a pull request', pull(4711), otherCheckout],
  ['a commit that the workflow chose', undefined, otherCheckout],
])('code of %s turns nothing green: no check run, no comment, a warning', async (_, event, workspace) => {
  const inputs = { tests: 'tests/one.sh', comment: 'always', 'app-version-id': 'v1' };
  const more = { ...(event && { event }), ...(workspace && { workspace: workspace() }) };
  const { github, step } = await onGithub(inputs, more);
  const result = await runMain(step);
  expect(result.code).toBe(0);
  expect(github.calls).toEqual([]);
  const warnings = result.commands.filter(({ name }) => name === 'warning').map(({ data }) => data);
  expect(warnings).toEqual([expect.stringContaining('no check run and no comment are written')]);
});

test('without the permission the step says so once and goes on; in a fork that is no notice', async () => {
  const rights = { checks: 'read', pullRequests: 'read' } as const;
  const own = await onGithub({ tests: 'tests/fails.sh' }, { rights });
  const result = await runMain(own.step);
  const said = (log: string) => log.match(/no check run: .*`checks: write`/g);
  expect(said(result.log)).toHaveLength(1);
  expect(result.commands.map(({ name }) => name)).toContain('notice');
  expect(result.commands.filter(({ name }) => name === 'error')).toHaveLength(2);
  for (const headRepo of [8, null]) {
    const fork = await onGithub({ tests: 'tests/one.sh' }, { rights, event: pull(headRepo) });
    const quiet = await runMain(fork.step);
    expect(quiet.code).toBe(0);
    expect(said(quiet.log)).toHaveLength(1);
    expect(quiet.commands.map(({ name }) => name)).not.toContain('notice');
  }
});

test('a GitHub that is away changes no verdict', async () => {
  for (const [tests, code] of [
    ['tests/one.sh', 0],
    ['tests/fails.sh', 1],
  ] as const) {
    const { github, step } = await onGithub({ tests });
    github.inject({ answer: { ...badGateway, headers: { 'retry-after': '3600' }, status: 429 }, times: 100 });
    const result = await runMain(step);
    expect(result).toMatchObject({ code, stderr: '' });
    expect(result.log).toContain('no check run: GitHub answered 429');
  }
});

test('the check run of a cancelled step is cancelled, by the step or, if that was killed, after the job', async () => {
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    const { github, step } = await onGithub({ tests: 'tests/slow.sh' });
    const phase = startMain(step);
    await phase.logged(/Run run_\S+: http/);
    await expect.poll(() => github.checks.length).toBe(1);
    phase.child.kill(signal);
    const result = await phase.done;
    expect(github.checks[0]?.status).toBe(signal === 'SIGINT' ? 'completed' : 'in_progress');
    await runPost(step, result);
    expect(github.checks).toMatchObject([{ status: 'completed', conclusion: 'cancelled' }]);
    expect(github.problems).toEqual([]);
  }
});

test('the check run of a step that could not complete it has the verdict after the job', async () => {
  const { github, step } = await onGithub({ tests: 'tests/fails.sh' });
  github.inject({ on: 'checks/update', answer: { status: 422, body: { message: 'no' } }, times: 2 });
  const result = await runMain(step);
  expect(github.checks).toMatchObject([{ status: 'in_progress' }]);
  await runPost(step, result);
  expect(github.checks).toMatchObject([{ conclusion: 'failure', output: { title: '1 job: 1 failed' } }]);
});

test('an empty name, or a step that does not wait, writes no check run', async () => {
  for (const [name, value] of [
    ['check-name', ''],
    ['wait', 'false'],
  ] as const) {
    const { github, step } = await onGithub({ tests: 'tests/one.sh', [name]: value });
    expect((await runMain(step)).code).toBe(0);
    expect(github.calls).toEqual([]);
  }
});
