import { expect, onTestFinished, test } from 'vitest';
import { appId, appKey } from '../../test/support/github/app.ts';
import { badGateway, type FakeGithub, startFakeGithub } from '../../test/support/github/fake-github.ts';
import { tempFolder } from '../../test/support/queue.ts';
import { addOrg, dumpDatabase, newDataDir, openServer } from '../../test/support/server.ts';
import { app, audience, useSignInLab } from '../../test/support/sign-in-lab.ts';
import { World } from '../../test/support/world.ts';

const lab = useSignInLab();
const soon = { timeout: 30_000 };
const said = {
  ...{ repository: 'acme/app', repository_id: '4711', sha: '1'.repeat(40), ref: 'refs/heads/main' },
  ...{ event_name: 'push', workflow: 'tests', job: 'e2e', check_name: 'qgjob (emulator)' },
  ...{ run_id: '900', run_attempt: 1 },
};

/** A server with a GitHub App, and a token of a workflow of `acme/app`. */
async function openApp(github: FakeGithub, claims: Record<string, unknown> = {}) {
  const dataDir = newDataDir(tempFolder());
  const open = async (hasApp: boolean) => {
    const app = { github_app_id: appId, github_app_private_key: appKey, github_api_url: github.url };
    const flags = { oidc_issuer: lab.issuer.url, public_url: audience, ...(hasApp && app) };
    const opened = await openServer(dataDir, { now: () => lab.now, flags });
    onTestFinished(() => opened.close());
    return opened;
  };
  const server = await open(true);
  const tokens = await addOrg(server, 'acme');
  await server.client.call('setGithub', { params: { id: 'acme' }, body: [app] });
  const body = { token: await lab.issuer.token(audience, { claims }) };
  const { token } = await server.client.call('signInByGithub', { body });
  const submit = (by: string, more: object = {}) =>
    server.as(by).call('submitRun', {
      body: { app_version_id: 'v1', tests: ['a'], github: { ...said, ...more } },
    });
  return { server, tokens, token, submit, open };
}

test('the server reports a workflow that GitHub proves, where its App is installed', async () => {
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const { server, token, submit } = await openApp(github);
  const { run } = await submit(token);
  expect(run.report_by).toBe('server');
  await expect.poll(() => github.checks.map(({ status }) => status), soon).toEqual(['in_progress']);
  await server.client.call('cancelRun', { params: { id: run.run_id } });
  await expect.poll(() => github.checks.map(({ conclusion }) => conclusion), soon).toEqual(['cancelled']);
  expect(github.problems).toEqual([]);
  expect(JSON.stringify([server.log, dumpDatabase(server.dataDir)])).not.toMatch(/PRIVATE KEY|ghs_/);
});

test('a report outlives servers, also one that was started without the App', async () => {
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const { server, token, submit, open } = await openApp(github);
  const { run } = await submit(token);
  await expect.poll(() => github.checks.length, soon).toBe(1);
  await server.close();
  const without = await open(false);
  await without.client.call('cancelRun', { params: { id: run.run_id } });
  await without.close();
  expect(github.checks).toMatchObject([{ status: 'in_progress' }]);
  await open(true);
  await expect.poll(() => github.checks.map(({ conclusion }) => conclusion), soon).toEqual(['cancelled']);
});

test('what a body says of a repository never makes the server write there', async () => {
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const { tokens, server, submit } = await openApp(github);
  for (const by of [tokens.submit, tokens.admin, server.adminToken]) {
    const asOperator = by === server.adminToken;
    const { run } = asOperator ? await new World(server, tokens).submit({ github: said }) : await submit(by);
    expect(run.report_by).toBe('action');
  }
  expect(dumpDatabase(server.dataDir).outbox).toEqual([]);
  expect(github.calls).toEqual([]);
});

test('the Action reports where the App is not installed, and where GitHub does not say', async () => {
  const github = await startFakeGithub();
  const { token, submit } = await openApp(github);
  expect((await submit(token)).run.report_by).toBe('action');
  const away = await startFakeGithub();
  away.inject({ answer: 'reset', times: 10 });
  const other = await openApp(away);
  expect((await other.submit(other.token)).run.report_by).toBe('action');
});

test('code of another commit than the proved one is reported by no check run of the server', async () => {
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const [merge, head, other] = ['c', 'b', 'd'].map((digit) => digit.repeat(40));
  const push = await openApp(github, { sha: merge });
  const byOf = async ({ submit, token }: typeof push, more: object) =>
    (await submit(token, more)).run.report_by;
  expect(await byOf(push, { code_sha: merge })).toBe('server');
  expect(await byOf(push, { code_sha: other })).toBe('action');
  const ref = 'refs/pull/7/merge';
  const pull = await openApp(github, { event_name: 'pull_request', ref, sha: merge, base_ref: 'main' });
  github.addPull(7, head ?? '');
  for (const code_sha of [merge, head]) expect(await byOf(pull, { sha: head, code_sha })).toBe('server');
  expect(await byOf(pull, { sha: head, code_sha: other })).toBe('action');
});

test('a pull request is reported at its own head alone, and by the Action where GitHub does not tell that', async () => {
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const [merge = '', head = '', other = ''] = ['c', 'b', 'd'].map((digit) => digit.repeat(40));
  github.addPull(7, head);
  github.addPull(8, other);
  const ref = 'refs/pull/7/merge';
  const pull = await openApp(github, { event_name: 'pull_request', ref, sha: merge, base_ref: 'main' });
  const byAt = async (sha: string) => (await pull.submit(pull.token, { sha })).run.report_by;
  const reads = () => github.calls.filter(({ operation }) => operation === 'pulls/get').length;
  const refused = { status: 403, body: { message: 'Resource not accessible by integration' } };
  github.inject({ on: 'pulls/get', times: 2, answer: refused });
  for (let n = 0; n < 2; n += 1) expect(await byAt(head)).toBe('action');
  expect(pull.server.log.join('').split('Pull requests: read')).toHaveLength(2);
  github.inject({ on: 'pulls/get', times: 2, answer: badGateway });
  expect(await byAt(head)).toBe('action');
  for (const sha of [other, merge]) expect(await byAt(sha)).toBe('action');
  expect(dumpDatabase(pull.server.dataDir).outbox).toEqual([]);
  expect(reads()).toBe(5);
  // All jobs of a workflow have the same answer, also where another commit was pushed meanwhile.
  github.addPull(7, other);
  for (let n = 0; n < 3; n += 1) expect(await byAt(head)).toBe('server');
  expect(reads()).toBe(5);
  await expect
    .poll(() => new Set(github.checks.map((check) => check.head_sha)), soon)
    .toEqual(new Set([head]));
  expect(github.problems).toEqual([]);
});

test('a workflow that comes after another push is not reported by the server, and one answer that is lost changes nothing', async () => {
  const github = await startFakeGithub();
  github.app.installedIn.add('acme/app');
  const [merge = '', head = '', other = ''] = ['c', 'b', 'd'].map((digit) => digit.repeat(40));
  const ref = 'refs/pull/7/merge';
  const claims = { event_name: 'pull_request', ref, sha: merge, base_ref: 'main' };
  github.addPull(7, other);
  const late = await openApp(github, claims);
  expect((await late.submit(late.token, { sha: head })).run.report_by).toBe('action');
  expect(github.calls.at(-1)).toMatchObject({ operation: 'pulls/get', status: 200 });
  github.addPull(7, head);
  github.inject({ on: 'pulls/get', answer: 'reset' });
  const early = await openApp(github, claims);
  expect((await early.submit(early.token, { sha: head })).run.report_by).toBe('server');
});
