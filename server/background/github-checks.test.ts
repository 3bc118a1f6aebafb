import { expect, test } from 'vitest';
import { failEachCall, faults, openChecksLab, sha, workflow } from '../../test/support/github/checks-lab.ts';
import { badGateway } from '../../test/support/github/fake-github.ts';
import { dropOldReports } from '../queue/outbox/index.ts';
import { OutboxSender } from './outbox-sender.ts';

const day = 24 * 3_600_000;

test('a run that the server reports has a check run for each target from its submit on, and then its verdict', async () => {
  const { github, submit, sendAll, conclude, log } = await openChecksLab();
  const run = await submit(['emulator', 'device']);
  expect(run.report_by).toBe('server');
  await sendAll();
  expect([github.problems, log]).toEqual([[], []]);
  expect(github.checks).toMatchObject([
    { name: 'qgjob (emulator)', head_sha: sha, status: 'in_progress', external_id: `${run.run_id}:emulator` },
    { name: 'qgjob (device)', head_sha: sha, status: 'in_progress', details_url: run.url },
  ]);
  await conclude('passed', 'emulator');
  await conclude('failed', 'device');
  await sendAll();
  expect(github.checks).toMatchObject([
    { status: 'completed', conclusion: 'success', output: { title: '1 job: 1 passed' } },
    { status: 'completed', conclusion: 'failure', output: { title: '1 job: 1 failed' } },
  ]);
  expect(github.checks[1]?.output?.summary).toContain('expected &#60;b&#62;4&#60;/b&#62;');
  expect(github.app.asked).toEqual([77]);
  expect([github.problems, log]).toEqual([[], []]);
});

test('a run that was over before GitHub heard of it has its verdict at once, and one that was cancelled says so', async () => {
  const { github, submit, end, sendAll } = await openChecksLab();
  await end((await submit()).run_id);
  await sendAll();
  expect(github.checks).toMatchObject([{ name: 'qgjob (emulator)', conclusion: 'cancelled' }]);
  expect(github.problems).toEqual([]);
});

test('a run that the Action reports is none of the server’s business', async () => {
  const { queue, waiting, end } = await openChecksLab();
  const { run } = await queue.submit({ github: workflow });
  await end(run.run_id);
  expect(await waiting()).toBe(0);
});

test.each(faults)(
  'the n-th call %s, for every n, and no check run is twice or without its verdict',
  async (_, answer, done) => {
    const targets = ['emulator', 'device', 'browser'];
    const names = ['qgjob (browser)', 'qgjob (device)', 'qgjob (emulator)'];
    const calls = await failEachCall(targets, answer, done, ({ github }) => {
      expect(github.checks.map(({ name }) => name).sort()).toEqual(names);
      expect(new Set(github.checks.map(({ conclusion }) => conclusion))).toEqual(new Set(['cancelled']));
      expect(github.problems).toEqual([]);
    });
    expect(calls).toBeGreaterThan(10);
  },
);

test('a token that GitHub takes no more is renewed once, and one that is about to end is not used', async () => {
  const { github, submit, end, sendAll } = await openChecksLab();
  const run = await submit();
  await sendAll();
  github.forgetTokens();
  github.app.lifeMs = 60_000;
  await end(run.run_id);
  await sendAll();
  expect(github.checks).toMatchObject([{ conclusion: 'cancelled' }]);
  expect(github.app.asked).toEqual([77, 77]);
  await end((await submit()).run_id);
  await sendAll();
  // One for each call: the next may come too late for it.
  expect(github.app.asked).toEqual([77, 77, 77, 77]);
});

test('a repository that the App has left is told once in the log, and nothing waits for it', async () => {
  const { github, submit, sendAll, log, waiting } = await openChecksLab();
  github.app.installedIn.clear();
  await submit();
  await sendAll();
  expect(await waiting()).toBe(0);
  expect(log).toEqual([expect.stringContaining('the App is not installed in acme/app')]);
  expect(log[0]).not.toContain('PRIVATE KEY');
});

test('a GitHub that is away for hours is told in the end', async () => {
  const { github, submit, sendAll, waiting } = await openChecksLab();
  github.inject({ answer: badGateway, times: 20 });
  await submit();
  await sendAll();
  expect(await waiting()).toBe(0);
  expect(github.checks).toHaveLength(1);
});

test('a GitHub that is away for days is given up, and the log says so', async () => {
  const { github, submit, sendAll, log, waiting } = await openChecksLab();
  github.inject({ answer: badGateway, times: 1000 });
  await submit();
  await sendAll();
  expect(await waiting()).toBe(0);
  expect(log.at(-1)).toContain('given up');
});

test.each([
  ['apps/get-repo-installation', {}],
  ['apps/create-installation-access-token', { token: 'ghs_1' }],
  ['checks/list-for-ref', { total_count: 0 }],
  ['checks/create', []],
])('an answer to %s that is not GitHub’s own is none, and is asked for again', async (on, body) => {
  const { github, submit, sendAll } = await openChecksLab();
  github.inject({ on, answer: { status: 200, body }, times: 2 });
  await submit();
  await sendAll();
  expect(github.checks).toHaveLength(1);
});

test('a server without the App leaves the reports for one that has it, and drops them after three days', async () => {
  const { queue, submit, waiting, github, sendAll } = await openChecksLab();
  const without = new OutboxSender(queue.deps, {
    deliver: {},
    onError: (error) => expect.fail(String(error)),
  });
  await submit();
  await without.pass();
  queue.advance(2 * day);
  expect(await dropOldReports(queue.deps)).toBe(0);
  await without.pass();
  expect(await waiting()).toBe(1);
  await sendAll();
  expect(github.checks).toHaveLength(1);
  await submit();
  queue.advance(3 * day);
  expect(await dropOldReports(queue.deps)).toBe(1);
  expect(await waiting()).toBe(0);
});

test('the check runs have the names that the Action would give them, and none where none is wanted', async () => {
  const { github, submit, sendAll } = await openChecksLab();
  await submit(['emulator', 'device'], { check_template: 'app tests' });
  await submit(['emulator'], { check_template: 'on <target>', leg: 'a1b2c3d4e5', leg_name: 'linux, 3' });
  await submit(['emulator'], { check_template: '' });
  await sendAll();
  expect(github.checks.map(({ name }) => name).sort()).toEqual([
    'app tests (device)',
    'app tests (emulator)',
    'on emulator, linux, 3',
  ]);
});

test('a 401, as of a clock that is off or a key that is being replaced, keeps the report', async () => {
  const { github, submit, sendAll, waiting, send } = await openChecksLab();
  github.inject({ answer: { status: 401, body: { message: 'Bad credentials' } }, times: 10 });
  await submit();
  await send();
  expect(await waiting()).toBe(1);
  await sendAll();
  expect(github.checks).toHaveLength(1);
  expect(await waiting()).toBe(0);
});

test('two legs with one target each have a check run each: a green one hides no red one', async () => {
  const { github, submit, sendAll, conclude } = await openChecksLab();
  const leg = (name: string) => submit(['emulator'], { check_template: 'app', leg: name, leg_name: name });
  const runs = [await leg('one'), await leg('two')];
  await conclude('failed', 'emulator', runs[0]?.run_id);
  await conclude('passed', 'emulator', runs[1]?.run_id);
  await sendAll();
  const shown = github.checks.map(({ name, conclusion }) => `${name}: ${conclusion}`).sort();
  expect(shown).toEqual(['app (emulator, one): failure', 'app (emulator, two): success']);
});

test('a re-run of what failed keeps the names of the first attempt, and a target that had passed is green', async () => {
  const { github, submit, sendAll, conclude } = await openChecksLab();
  const source = { source: { kind: 'workspace', sha } };
  const attempt = (run_attempt: number) =>
    submit(['emulator', 'device'], { check_template: 'app', run_attempt }, source);
  await attempt(1);
  await conclude('passed', 'emulator');
  await conclude('failed', 'device');
  await sendAll();
  const second = await attempt(2);
  expect(second.passed_before).toBe(1);
  await conclude('failed', 'device');
  await sendAll();
  expect(github.checks.slice(2)).toMatchObject([
    {
      ...{ name: 'app (emulator)', conclusion: 'success' },
      output: { title: 'every job passed in an earlier attempt' },
    },
    { name: 'app (device)', conclusion: 'failure' },
  ]);
  expect(github.problems).toEqual([]);
});
