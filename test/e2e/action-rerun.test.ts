import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type PhaseResult, runMain, sha } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { type FakeGithub, startFakeGithub } from '../support/github/fake-github.ts';

const folder = mkdtempSync(join(tmpdir(), 'qgjob-rerun-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const [mended, log] = [join(folder, 'mended'), join(folder, 'log')];
const lab = useLab({
  'tests/fine.sh': `echo fine >> '${log}'`,
  'tests/mended.sh': `echo mended >> '${log}'; test -e '${mended}'`,
});

const inputs = { tests: 'tests/*.sh', 'retry-failed-tests': '0' };
const attempt = (runId: string, n: number) =>
  runMain(lab().step(inputs, { env: { GITHUB_RUN_ID: runId, GITHUB_RUN_ATTEMPT: String(n) } }));

/** What ran since the last call, in order. */
function ran(): string[] {
  const lines = existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [];
  rmSync(log, { force: true });
  return lines.sort();
}

const junitOf = ({ outputs }: PhaseResult) => readFileSync(outputs['junit-path'] ?? '', 'utf8');

test('a second attempt runs what failed in the first, and reports the rest as passed before', async () => {
  const first = await attempt('500', 1);
  expect(first).toMatchObject({ code: 1, outputs: { total: '2', passed: '1', failed: '1' } });
  expect(ran()).toEqual(['fine', 'mended']);

  writeFileSync(mended, '');
  const second = await attempt('500', 2);
  expect(second).toMatchObject({
    ...{ code: 0, outputs: { conclusion: 'success', total: '2', passed: '2', failed: '0' } },
  });
  expect(ran()).toEqual(['mended']);
  expect(second.summary).toContain('1 job passed in an earlier attempt');
  expect(second.summary).toMatch(/\| passed \(in an earlier attempt\) \| tests\/fine\.sh/);
  expect(junitOf(second)).toContain('tests/fine.sh on emulator');

  // Green jobs are run again only by "Re-run all jobs".
  const third = await attempt('500', 3);
  expect(third).toMatchObject({ code: 0, outputs: { total: '2', passed: '2' } });
  expect(ran()).toEqual(['fine', 'mended']);
});

test('a second attempt of a workflow run that never came here runs everything, and says why', async () => {
  const only = await attempt('501', 2);
  expect(only).toMatchObject({ code: 0, outputs: { total: '2' } });
  expect(ran()).toEqual(['fine', 'mended']);
  expect(only.log).toContain('everything runs again: there is no run of an earlier attempt');
});

/** The check run that GitHub itself shows for a job, by its id. */
async function checkOfJob(github: FakeGithub, token: string, name: string): Promise<string> {
  const answer = await fetch(`${github.url}/repos/acme/app/check-runs`, {
    ...{ method: 'POST', headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' } },
    body: JSON.stringify({ name, head_sha: sha, status: 'in_progress' }),
  });
  return String(((await answer.json()) as { id: number }).id);
}

test.each([
  ['told apart by the names of their check runs, and go on each by itself', 0, ['mended']],
  ['never merged where these names cannot be read', 3, ['fine', 'mended']],
] as const)('two calls of a reusable workflow are %s', async (_what, refused, again) => {
  const github = await startFakeGithub();
  const githubToken = github.token();
  const forbidden = { status: 403, body: { message: 'Resource not accessible by integration' } };
  github.inject({ on: 'checks/get', times: refused, answer: forbidden });
  rmSync(mended, { force: true });
  const call = async (name: string, n: number) => {
    const id = await checkOfJob(github, githubToken, `${name} / app-tests`);
    const env = {
      GITHUB_RUN_ID: `50${2 + refused}`,
      GITHUB_RUN_ATTEMPT: String(n),
      GITHUB_API_URL: github.url,
    };
    const more = { ...inputs, 'check-run-id': id };
    return runMain(lab().step(more, { env, githubToken }));
  };
  await call('one', 1);
  await call('two', 1);
  ran();
  writeFileSync(mended, '');
  expect(await call('one', 2)).toMatchObject({ code: 0, outputs: { total: '2', passed: '2' } });
  expect(ran()).toEqual(again);
});
