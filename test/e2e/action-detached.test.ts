import { expect, onTestFinished, test } from 'vitest';
import { readSections } from '../../report/sections.ts';
import { runMain } from '../support/action-harness.ts';
import { openLab } from '../support/action-lab.ts';
import { appId, appKey } from '../support/github/app.ts';
import { startFakeGithub } from '../support/github/fake-github.ts';
import { openIssuer } from '../support/oidc-issuer.ts';
import { tempFolder } from '../support/queue.ts';

const [merge = '', head = ''] = ['1', '2'].map((digit) => digit.repeat(40));
const repositories = { head: { sha: head, repo: { id: 4711 } }, base: { ref: 'main', repo: { id: 4711 } } };
const event = { name: 'pull_request', payload: { pull_request: { number: 7, ...repositories } } };
const ref = 'refs/pull/7/merge';

/** A server with a GitHub App that covers `acme/app`, and steps of a pull request's workflow without any secret. */
async function openDetached() {
  const [github, issuer] = [await startFakeGithub(), await openIssuer()];
  github.app.installedIn.add('acme/app');
  github.addPull(7, head);
  issuer.claims = { event_name: 'pull_request', ref, sha: merge, base_ref: 'main' };
  const files = { 'tests/one.sh': 'echo one', 'tests/fails.sh': "echo 'expected <b>4</b>'; exit 1" };
  const flags = {
    ...{ oidc_issuer: issuer.url, github_app_id: appId },
    ...{ github_app_private_key: appKey, github_api_url: github.url },
  };
  const lab = await openLab(tempFolder(), files, { flags, agent: {} });
  onTestFinished(async () => {
    await lab.close();
    await issuer.close();
  });
  const bindings = [{ repository_owner_id: '11', repository_id: '4711' }];
  await lab.client.call('setGithub', { params: { id: 'acme' }, body: bindings });
  const env = { ...issuer.env, GITHUB_API_URL: github.url, GITHUB_REF: ref };
  const step = (inputs: Record<string, string>, leg?: string) => {
    const given = { token: '', 'retry-failed-tests': '0', ...inputs };
    const matrix = leg === undefined ? null : { leg };
    return runMain(lab.step(given, { event, matrix, githubToken: github.token(), env }));
  };
  return { github, step };
}

const soon = { timeout: 60_000 };

test('a step that does not wait leaves its check run and its section of the comment to the server', async () => {
  const { github, step } = await openDetached();
  const legs = await Promise.all([
    step({ tests: 'tests/fails.sh', wait: 'false' }, 'one'),
    step({ tests: 'tests/one.sh', wait: 'false', 'check-name': 'app on <target>' }, 'two'),
  ]);
  expect(legs.map(({ code, outputs }) => [code, outputs.status])).toEqual([
    [0, 'queued'],
    [0, 'queued'],
  ]);
  await expect
    .poll(() => github.checks.map(({ name, conclusion }) => `${name}: ${conclusion}`).sort(), soon)
    .toEqual(['app on emulator, two: success', 'qgjob (emulator, one): failure']);
  await expect
    .poll(() => readSections(github.comments[0]?.body ?? '').map((one) => one.head.split('\n')[0]), soon)
    .toEqual(['#### Failed: app-tests (one)', '#### Passed: app-tests (two)']);
  expect(github.comments).toMatchObject([{ issue: 7, login: 'qgjob[bot]' }]);
  expect(github.comments[0]?.body).toContain('expected &#60;b&#62;4&#60;/b&#62;');
  expect(github.checks.every(({ head_sha }) => head_sha === head)).toBe(true);
  expect(github.problems).toEqual([]);
});

test('where the server reports, a step that waits writes neither check run nor comment of its own', async () => {
  const { github, step } = await openDetached();
  const result = await step({ tests: 'tests/fails.sh' });
  expect(result.code).toBe(1);
  await expect.poll(() => github.comments.length, soon).toBe(1);
  await expect.poll(() => github.checks.map(({ conclusion }) => conclusion), soon).toEqual(['failure']);
  expect(github.comments[0]?.login).toBe('qgjob[bot]');
  expect(github.comments[0]?.body).toContain(
    result.summary.split('\n')[0]?.replace('### qgjob: ', '') ?? 'no title',
  );
  expect(github.problems).toEqual([]);
});
