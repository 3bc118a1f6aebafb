import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { GithubBinding } from '../../protocol/shapes/github.ts';
import {
  type PhaseResult,
  runMain,
  runPost,
  type StepOptions,
  sha,
  startMain,
} from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { type OidcIssuer, openIssuer } from '../support/oidc-issuer.ts';

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await openIssuer();
});
const lab = useLab(
  {
    'tests/one.sh': 'echo one',
    // Ends when the file `go` is there.
    'tests/waits.sh': 'while ! test -e "$QGJOB_PARAM_GO"; do sleep 0.1; done',
  },
  () => ({ oidc_issuer: issuer.url }),
);
afterAll(() => issuer.close());

const app: GithubBinding = { repository_owner_id: '11', repository_id: '4711' };
const bind = (bindings: GithubBinding[]) =>
  lab().client.call('setGithub', { params: { id: 'acme' }, body: bindings });

beforeEach(async () => {
  issuer.isAway = false;
  issuer.claims = {};
  await bind([app]);
});

/** A step without a token, in a job with `id-token: write`. */
const step = (inputs: Record<string, string> = {}, more: Partial<StepOptions> = {}): StepOptions =>
  lab().step(
    { tests: 'tests/one.sh', token: '', ...inputs },
    { ...more, env: { ...issuer.env, ...more.env } },
  );
const errorOf = ({ commands }: PhaseResult): string =>
  commands.find(({ name }) => name === 'error')?.data ?? '';

test('a job without a secret signs in by OIDC, and its tokens are masked before anything else is printed', async () => {
  issuer.asked.splice(0);
  const options = step();
  const result = await runMain(options);
  expect(result.outputs).toMatchObject({ conclusion: 'success', passed: '1' });
  expect(result.code).toBe(0);
  expect(issuer.asked).toEqual([lab().url]);
  expect(result.log).toContain("Signed in to org acme by GitHub's OIDC.\n");
  const masks = result.commands.filter(({ name }) => name === 'add-mask').map(({ data }) => data);
  const [idToken = '', token = ''] = masks;
  expect(idToken).toMatch(/^eyJ/);
  expect(token).toMatch(/^qgj_gha_/);
  for (const secret of masks) expect(result.log.split(secret)).toHaveLength(2);
  expect(JSON.stringify(result.state)).not.toMatch(/qgj_|eyJ/);
  expect(await runPost(options, result)).toMatchObject({ code: 0, log: '' });
});

test('what the run says of its workflow is what GitHub proves', async () => {
  issuer.claims = { event_name: 'pull_request', ref: 'refs/pull/7/merge', run_id: '5000' };
  const result = await runMain(step({}, { env: { GITHUB_REPOSITORY_ID: '1' } }));
  expect(result.code).toBe(0);
  // Another repository of the org may not touch it, whatever the first one said of itself.
  await bind([{ repository_owner_id: '11' }]);
  const token = await issuer.token(lab().url, { claims: { repository_id: '1' } });
  const stranger = await lab().client.call('signInByGithub', { body: { token } });
  const params = { id: result.outputs['run-id'] ?? '' };
  await expect(lab().client.as(stranger.token).call('cancelRun', { params })).rejects.toMatchObject({
    code: 'forbidden',
  });
});

test('a job that may not ask for a token is told the line that grants it', async () => {
  const result = await runMain(lab().step({ tests: 'tests/one.sh', token: '' }));
  expect(result.code).toBe(1);
  expect(errorOf(result)).toMatch(
    /^input token: is missing, .* `permissions: \{contents: read, id-token: write\}`/,
  );
});

test('a repository that is not bound fails the step with the command that binds it', async () => {
  issuer.claims = { repository_id: '999' };
  const result = await runMain(step());
  expect(result.code).toBe(1);
  expect(result.outputs).toMatchObject({ status: 'errored', conclusion: 'failure' });
  expect(errorOf(result)).toContain('`qgjob orgs github ORG --owner-id=11 --repository-id=999`');
});

test('an event outside of the policy fails the step', async () => {
  issuer.claims = { event_name: 'pull_request_target' };
  const result = await runMain(step());
  expect(result.code).toBe(1);
  expect(errorOf(result)).toContain(
    'workflows of the event pull_request_target may not sign in for acme/app',
  );
});

test('an audience that is not the address of the server is said with the one to set', async () => {
  const result = await runMain(step({ 'oidc-audience': 'https://inner.example.com' }));
  expect(result.code).toBe(1);
  expect(errorOf(result)).toContain(`this server takes ${lab().url} alone: set the input oidc-audience`);
});

test('a GitHub that gives no token fails the step in one line', async () => {
  const result = await runMain(step({}, { env: { ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'wrong' } }));
  expect(result.code).toBe(1);
  expect(errorOf(result)).toMatch(
    /^GitHub gave no OIDC token for this job .*: has it the permission id-token/,
  );
});

test('a token that ends during the run is renewed, with a new OIDC token for the same run', async () => {
  const go = join(lab().workspace, 'go-renewed');
  const phase = startMain(step({ tests: 'tests/waits.sh', params: `GO=${go}` }));
  await phase.logged(/Run run_/);
  // The end of its binding ends the token.
  await bind([]);
  await bind([app]);
  writeFileSync(go, '');
  const result = await phase.done;
  expect(result.outputs).toMatchObject({ conclusion: 'success', passed: '1' });
  expect(result.log.match(/Signed in to org acme/g)?.length).toBeGreaterThanOrEqual(2);
});

test('post cancels the run of a step that was killed, with a token of its own', async () => {
  const options = step({ tests: 'tests/waits.sh', params: `GO=${join(lab().workspace, 'never')}` });
  const phase = startMain(options);
  await phase.logged(/Run run_/);
  // Once its state is saved.
  phase.child.kill('SIGKILL');
  const result = await phase.done;
  const post = await runPost(options, result);
  expect(post.log).toContain('is cancelled, unless it had ended by itself');
  const [, runId = ''] = /Run (run_\w+)/.exec(result.log) ?? [];
  expect(await lab().client.call('getRun', { params: { id: runId } })).toMatchObject({
    counts: { queued: 0 },
  });
});

test('a static token goes before OIDC', async () => {
  issuer.asked.splice(0);
  const result = await runMain(step({ token: lab().token }));
  expect(result.code).toBe(0);
  expect(issuer.asked).toEqual([]);
});

test('a workflow that reports another one signs in where the policy lists workflow_run, and only there', async () => {
  const event = {
    name: 'workflow_run',
    payload: {
      workflow_run: { id: 8001, head_sha: sha, name: 'app tests', conclusion: 'success' },
      repository: { id: 4711 },
    },
  };
  issuer.claims = { run_id: '8001', sha };
  const tested = await runMain(step({}, { env: { GITHUB_RUN_ID: '8001' } }));
  issuer.claims = { event_name: 'workflow_run', run_id: '8002' };
  const report = () => runMain(step({ 'report-of': '8001', tests: '' }, { event }));
  const refused = await report();
  expect([refused.code, errorOf(refused)]).toEqual([1, expect.stringContaining('workflow_run')]);
  await bind([{ ...app, events: ['push', 'workflow_run'] }]);
  const told = await report();
  expect([told.code, told.outputs['run-id']]).toEqual([0, tested.outputs['run-id']]);
});
