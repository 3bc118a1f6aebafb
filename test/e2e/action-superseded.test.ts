import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runOf, untilFree, untilSome } from '../support/action-ends.ts';
import { type PhaseResult, runMain, startMain } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { onGithub, pullRequest } from '../support/action-stage.ts';
import { type FakeGithub, startFakeGithub } from '../support/github/fake-github.ts';
import { isNightly } from '../support/nightly.ts';
import { type OidcIssuer, openIssuer } from '../support/oidc-issuer.ts';

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await openIssuer();
});
const lab = useLab(
  {
    'tests/one.sh': 'echo one',
    'tests/waits.sh': 'while ! test -e "$QGJOB_PARAM_GO"; do sleep 0.1; done',
  },
  () => ({ oidc_issuer: issuer.url }),
);
afterAll(() => issuer.close());
beforeAll(() =>
  lab().client.call('setGithub', {
    params: { id: 'acme' },
    body: [{ repository_owner_id: '11', repository_id: '4711' }],
  }),
);

interface Push {
  readonly runId: number;
  readonly sha: string;
  readonly tests: string;
  /** '' signs in by OIDC. */
  readonly token: string;
  readonly repositoryId?: string;
}

/** The step of a push to a pull request. */
async function stepOf(github: FakeGithub, push: Push) {
  const { runId, sha, tests, token, repositoryId = '4711' } = push;
  issuer.claims = {
    ...{ event_name: 'pull_request', ref: 'refs/pull/7/merge', run_id: String(runId) },
    ...{ repository_id: repositoryId, sha },
  };
  const env = { ...issuer.env, GITHUB_RUN_ID: String(runId), GITHUB_REPOSITORY_ID: '4711' };
  const inputs = { tests, token, comment: 'always', params: `GO=${go(runId)}` };
  return (await onGithub(lab(), inputs, { github, event: pullRequest({ sha }), env })).step;
}
const go = (runId: number): string => join(lab().workspace, `go-${runId}`);

/** A push whose test runs, and a newer one beside it, which passes. */
async function pushTwice(older: Push, newer: Push): Promise<{ github: FakeGithub; first: PhaseResult }> {
  const github = await startFakeGithub();
  const phase = startMain(await stepOf(github, older));
  const id = await runOf(phase);
  await untilSome(lab(), id, 'running');
  await expect.poll(() => github.checks.length).toBe(1);
  const second = await runMain(await stepOf(github, newer));
  expect(second, second.log).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
  // Ends the older one's test, unless it was ended.
  writeFileSync(go(older.runId), '');
  const first = await phase.done;
  await untilFree(lab(), id);
  return { github, first };
}

const [olderSha, newerSha] = ['2'.repeat(40), '3'.repeat(40)];

test.each([['proven by OIDC', ''], ...(isNightly ? [['with the same static token', undefined]] : [])])(
  'a newer push, %s, supersedes the older run: red step, neutral check run, no word in the comment',
  async (_, given) => {
    const token = given ?? lab().token;
    const runId = token === '' ? 100 : 200;
    const { github, first } = await pushTwice(
      { runId, sha: olderSha, tests: 'tests/waits.sh', token },
      { runId: runId + 1, sha: newerSha, tests: 'tests/one.sh', token },
    );
    expect(first, first.log).toMatchObject({
      ...{ code: 1, stderr: '' },
      outputs: { status: 'cancelled', conclusion: 'neutral' },
    });
    expect(first.summary).toContain('the run was superseded by one of a newer commit');
    expect(github.checks).toMatchObject([
      { head_sha: olderSha, status: 'completed', conclusion: 'neutral' },
      { head_sha: newerSha, status: 'completed', conclusion: 'success' },
    ]);
    expect(github.comments).toHaveLength(1);
    expect(github.comments[0]?.body).toContain('#### Passed: app-tests');
    expect(github.comments[0]?.body).toContain(`commit ${newerSha.slice(0, 12)}`);
    expect(github.problems).toEqual([]);
  },
);

test.runIf(isNightly)(
  'a static token supersedes nothing of another token, whatever it says of itself',
  async () => {
    const made = { name: 'other', org_id: 'acme', scopes: ['submit' as const] };
    const { token } = await lab().client.call('createToken', { body: made });
    for (const [runId, older] of [
      [300, lab().token],
      [310, ''],
    ] as const) {
      const { github, first } = await pushTwice(
        { runId, sha: olderSha, tests: 'tests/waits.sh', token: older },
        { runId: runId + 1, sha: newerSha, tests: 'tests/one.sh', token },
      );
      expect(first, first.log).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
      expect(github.checks).toMatchObject([{ conclusion: 'success' }, { conclusion: 'success' }]);
    }
  },
);

test.runIf(isNightly)('an older run that is started again supersedes no newer one', async () => {
  const { first } = await pushTwice(
    { runId: 401, sha: newerSha, tests: 'tests/waits.sh', token: '' },
    { runId: 400, sha: olderSha, tests: 'tests/one.sh', token: '' },
  );
  expect(first, first.log).toMatchObject({ code: 0, outputs: { conclusion: 'success' } });
});
