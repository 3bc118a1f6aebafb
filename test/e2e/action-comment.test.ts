import { expect, test } from 'vitest';
import { readSections } from '../../report/sections.ts';
import { runMain, type StepOptions } from '../support/action-harness.ts';
import { useLab } from '../support/action-lab.ts';
import { renderGfm } from '../support/gfm.ts';
import { type FakeGithub, startFakeGithub, type TokenRights } from '../support/github/fake-github.ts';

const lab = useLab({
  'tests/one.sh': 'echo one',
  'tests/fails.sh': "echo 'expected <b>4</b> <!-- /qgjob:section -->, @octocat'; exit 1",
});

const head = '2222222222222222222222222222222222222222';
const repositories = { head: { sha: head, repo: { id: 4711 } }, base: { repo: { id: 4711 } } };
const event = { name: 'pull_request', payload: { pull_request: { number: 7, ...repositories } } };

/** A step of a pull request's workflow on this GitHub, which writes no check runs. */
function stepOn(
  github: FakeGithub,
  inputs: Record<string, string>,
  { rights, ...more }: Partial<StepOptions> & { rights?: Partial<TokenRights> } = {},
): StepOptions {
  const githubToken = github.token(rights);
  const env = { GITHUB_API_URL: github.url, GITHUB_RUN_ID: '77', ...more.env };
  const given = { 'retry-failed-tests': '0', 'check-name': '', ...inputs };
  return { ...lab().step(given, { event, githubToken, ...more }), env };
}

test('legs that end at once have one comment, each with its own section', async () => {
  const github = await startFakeGithub(() => Math.random() * 20);
  const legs = [1, 2, 3, 4].map((leg) =>
    runMain(
      stepOn(
        github,
        { tests: leg === 1 ? 'tests/one.sh' : 'tests/fails.sh', comment: 'always' },
        { matrix: { leg } },
      ),
    ),
  );
  expect((await Promise.all(legs)).map(({ code }) => code)).toEqual([0, 1, 1, 1]);
  expect(github.comments).toHaveLength(1);
  const body = github.comments[0]?.body ?? '';
  expect(readSections(body).map((section) => section.head.split('\n')[0])).toEqual([
    ...[2, 3, 4].map((leg) => `#### Failed: app-tests (${leg})`),
    '#### Passed: app-tests (1)',
  ]);
  const { elements, references } = renderGfm(body);
  expect([...elements].sort()).toEqual('a details h3 h4 p pre summary'.split(' '));
  expect(references).toEqual([]);
  expect(github.problems).toEqual([]);
});

test('a failure is commented and the pass of the next run updates it; a pass alone is not', async () => {
  const github = await startFakeGithub();
  const run = (tests: string, id: string) =>
    runMain(stepOn(github, { tests }, { env: { GITHUB_RUN_ID: id } }));
  await run('tests/one.sh', '77');
  expect(github.comments).toEqual([]);
  await run('tests/fails.sh', '78');
  expect(github.comments[0]?.body).toMatch(/^<!-- qgjob:report:acme:app%20tests -->\n### qgjob: app tests\n/);
  expect(github.comments[0]?.body).toContain('1 of 1 job failed: tests/fails.sh on emulator');
  await run('tests/one.sh', '79');
  expect(github.comments).toHaveLength(1);
  expect(readSections(github.comments[0]?.body ?? '')).toMatchObject([{ result: 'passed', blocks: [] }]);
  expect(github.problems).toEqual([]);
});

test('a missing permission is said once, off and other events write nothing', async () => {
  const github = await startFakeGithub();
  const rights = { pullRequests: 'read' } as const;
  const refused = await runMain(stepOn(github, { tests: 'tests/fails.sh' }, { rights }));
  expect(refused.log.match(/no comment: .*`pull-requests: write`/g)).toHaveLength(1);
  expect(refused.commands.filter(({ name }) => name === 'notice')).toHaveLength(1);
  const calls = github.calls.length;
  await runMain(stepOn(github, { tests: 'tests/fails.sh', comment: 'off' }));
  await runMain({ ...stepOn(github, { tests: 'tests/fails.sh' }), event: { name: 'push', payload: {} } });
  expect(github.calls.length).toBe(calls);
});
