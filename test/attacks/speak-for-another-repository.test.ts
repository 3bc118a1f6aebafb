import { describe, expect, test } from 'vitest';
import type { BodyOf } from '../../protocol/contracts.ts';
import type { SubmitAnswer } from '../../protocol/shapes/run.ts';
import { dumpDatabase } from '../../test/support/server.ts';
import { minuteMs, useSignInLab } from '../../test/support/sign-in-lab.ts';
import { expectRefusal } from '../../test/support/world.ts';

const lab = useSignInLab();

const commit = (letter: string): string => letter.repeat(40);

/** What a workflow on pull request 7 of `acme/app` says of itself. */
const said = {
  repository: 'acme/app',
  repository_id: '4711',
  pr_number: 7,
  sha: commit('b'),
  ref: 'refs/pull/7/merge',
  event_name: 'pull_request',
  workflow: 'app tests',
  job: 'e2e',
  check_name: 'qgjob (emulator)',
  run_id: '900',
  run_attempt: 1,
};
const pullRequest = (number: number, runId: string) => ({
  event_name: 'pull_request',
  ref: `refs/pull/${number}/merge`,
  sha: commit('c'),
  base_ref: 'main',
  run_id: runId,
});

const submit = (token: string, body: Partial<BodyOf<'submitRun'>> = {}): Promise<SubmitAnswer> =>
  lab.server.as(token).call('submitRun', { body: { app_version_id: 'v1', tests: ['a.spec.ts'], ...body } });

/** What the database knows of the workflow of a run. */
function stored({ run }: SubmitAnswer) {
  const rows = dumpDatabase(lab.server.dataDir).runs as {
    id: string;
    github: string;
    repository_id: string;
  }[];
  const row = rows.find(({ id }) => id === run.run_id);
  return { github: JSON.parse(row?.github ?? 'null'), repositoryId: row?.repository_id };
}
const statusOf = async ({ run }: SubmitAnswer) =>
  (await lab.server.client.call('getRun', { params: { id: run.run_id } })).status;

describe('of a submit by a workflow', () => {
  test('what GitHub proves goes before what the body says', async () => {
    const token = await lab.tokenFor({ run_id: '77', run_attempt: '3', sha: commit('d') });
    const lies = { ...said, repository: 'acme/other', repository_id: '1', run_id: '5', run_attempt: 9 };
    const { github, repositoryId } = stored(await submit(token, { github: lies }));
    expect(repositoryId).toBe('4711');
    const { pr_number: _, ...rest } = said;
    expect(github).toEqual({
      ...rest,
      ...{ repository: 'acme/app', repository_id: '4711', run_id: '77', run_attempt: 3 },
      ...{ event_name: 'push', ref: 'refs/heads/main', sha: commit('d') },
    });
  });

  test('on a pull request its number comes from the ref, and its head commit from the body', async () => {
    const token = await lab.tokenFor(pullRequest(12, '900'));
    const { github } = stored(await submit(token, { github: said }));
    expect(github).toMatchObject({ pr_number: 12, ref: 'refs/pull/12/merge', sha: said.sha });
  });

  test('the check run of the job is the one that GitHub names', async () => {
    const token = await lab.tokenFor({ check_run_id: '42' });
    const { github } = stored(await submit(token, { github: { ...said, check_run_id: '666' } }));
    expect(github.check_run_id).toBe('42');
  });

  test('the branch that it is compared with is the one that GitHub names, or none', async () => {
    const lie = { github: { ...said, base_ref: 'quiet' } };
    const onPull = await lab.tokenFor(pullRequest(12, '900'));
    expect(stored(await submit(onPull, lie)).github.base_ref).toBe('main');
    // The claim is empty there.
    const onPush = await lab.tokenFor({ base_ref: '' });
    expect(stored(await submit(onPush, lie)).github).not.toHaveProperty('base_ref');
  });

  test.each([
    ['push', 'refs/heads/main'],
    ['merge_group', 'refs/heads/gh-readonly-queue/main/pr-7-abc'],
    ['push', 'refs/pull/7/merge'],
  ])('on %s at %s there is no pull request, whatever the body says', async (event_name, ref) => {
    const token = await lab.tokenFor({ event_name, ref });
    expect(stored(await submit(token, { github: said })).github).not.toHaveProperty('pr_number');
  });

  test('the repository is known also where the body says nothing', async () => {
    const { github, repositoryId } = stored(await submit(await lab.tokenFor()));
    expect(repositoryId).toBe('4711');
    expect(github).toMatchObject({ repository: 'acme/app', run_id: '900', workflow: 'app tests' });
  });

  test('a repeat with another token of the same run and attempt is the same run', async () => {
    const body = { app_version_id: 'v1', tests: ['a.spec.ts'], github: said };
    const ask = async (runId: string) =>
      lab.server.ask('submitRun', {
        token: await lab.tokenFor({ run_id: runId }),
        body,
        headers: { 'idempotency-key': 'renewed' },
      });
    const first = await ask('900');
    const again = await ask('900');
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.json.run.run_id).toBe(first.json.run.run_id);
    expectRefusal(await ask('901'), 409, 'conflict');
  });
});

describe('a newer push', () => {
  test('supersedes the run of the same pull request, with a token of its own', async () => {
    const body = { github: said, supersede: true };
    const older = await submit(await lab.tokenFor(pullRequest(7, '900')), body);
    const other = await submit(await lab.tokenFor(pullRequest(8, '900')), body);
    await submit(await lab.tokenFor(pullRequest(7, '901')), {
      ...body,
      github: { ...said, sha: commit('e') },
    });
    expect(await statusOf(older)).toBe('cancelled');
    expect(await statusOf(other)).toBe('queued');
  });

  test('that a static token only tells of supersedes no run that GitHub has proved', async () => {
    const older = await submit(await lab.tokenFor(pullRequest(7, '910')), { github: said, supersede: true });
    const lie = { ...said, run_id: '999999', sha: commit('e') };
    await submit(lab.tokens.submit, { github: lie, supersede: true });
    expect(await statusOf(older)).toBe('queued');
  });

  test('of one static token supersedes what the same token submitted, and nothing else', async () => {
    const later = { ...said, run_id: '901', sha: commit('e') };
    const older = await submit(lab.tokens.submit, { github: said, supersede: true });
    await submit(lab.tokens.admin, { github: later, supersede: true });
    expect(await statusOf(older)).toBe('queued');
    await submit(lab.tokens.submit, { github: { ...later, run_id: '902' }, supersede: true });
    expect(await statusOf(older)).toBe('cancelled');
  });

  test('that says nothing of its job supersedes nothing', async () => {
    const older = await submit(await lab.tokenFor(pullRequest(9, '900')), { supersede: true });
    await submit(await lab.tokenFor(pullRequest(9, '901')), { supersede: true });
    expect(await statusOf(older)).toBe('queued');
  });

  test('supersedes also a retry that a person asked for', async () => {
    const first = await submit(await lab.tokenFor(pullRequest(10, '900')), { github: said, supersede: true });
    await lab.server.client.call('cancelRun', { params: { id: first.run.run_id } });
    const params = { id: first.run.run_id };
    const retried = await lab.server.as(lab.tokens.submit).call('retryRun', { params, body: {} });
    await submit(await lab.tokenFor(pullRequest(10, '901')), {
      github: { ...said, sha: commit('e') },
      supersede: true,
    });
    expect(await statusOf(retried)).toBe('cancelled');
  });
});

describe('a workflow', () => {
  const changes = ['cancelRun', 'retryRun', 'cancelJob', 'deleteJob', 'retryJob'] as const;

  test.each(changes)('changes runs of its own repository alone by %s', async (name) => {
    await lab.bind([{ repository_owner_id: '11' }]);
    const own = await lab.tokenFor();
    const others = await lab.tokenFor({ repository_id: '4712' });
    const submitted = await submit(own);
    const isOfJob = name.endsWith('Job');
    const id = isOfJob ? (submitted.jobs[0]?.job_id ?? '') : submitted.run.run_id;
    const ask = (token: string) =>
      lab.server.ask(name, { token, params: { id }, body: name.startsWith('retry') ? {} : undefined });
    if (name.startsWith('retry')) {
      await lab.server.client.call('cancelRun', { params: { id: submitted.run.run_id } });
    }
    expectRefusal(await ask(others), 403, 'forbidden');
    expect([200, 201]).toContain((await ask(own)).status);
  });

  test('changes no run that a person submitted for no repository', async () => {
    const { run } = await submit(lab.tokens.submit);
    const answer = await lab.server.ask('cancelRun', {
      token: await lab.tokenFor(),
      params: { id: run.run_id },
    });
    expectRefusal(answer, 403, 'forbidden');
    expect(answer.json.error.message).toContain('is not of the repository whose workflow this token is for');
  });

  test('keeps its rights for the hour of its token, also once GitHub is away', async () => {
    const token = await lab.tokenFor();
    lab.issuer.isAway = true;
    lab.now += 59 * minuteMs;
    const { run } = await submit(token);
    await lab.server.as(token).call('cancelRun', { params: { id: run.run_id } });
  });
});
