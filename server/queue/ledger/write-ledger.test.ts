import { expect, test } from 'vitest';
import { countTests } from '../../../protocol/count-tests.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { deleteJobs, jobsOfPrunedRuns, pruneRuns } from '../retention/prune-runs.ts';
import { pruneUnused } from '../retention/prune-unused.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import type { Deps } from '../store/deps.ts';
import { forgetDays, listTests, readTest, writeLedger } from './index.ts';

type Report = Partial<FinishJob>;
type Body = Parameters<TestQueue['submit']>[0];

const commit = (digit: string): Body => ({ source: { kind: 'git', repository: 'r', sha: digit.repeat(40) } });
const one = (name: string, status: TestCase['status'], ms = 7): TestCase => ({
  ...{ id: `id-${name}`, name, file: 'a.spec.ts', status, duration_ms: ms },
});
const reports = (...tests: TestCase[]): Report => ({
  verdict: tests.some(({ status }) => status === 'failed') ? 'failed' : 'passed',
  tests,
  report: { total: tests.length, ...countTests(tests), listed: tests.length },
});
const passes = reports(one('buys', 'passed'));
const fails = reports(one('buys', 'failed'));
const bare = (verdict: 'passed' | 'failed'): Report => ({ verdict, duration_ms: 40 });
const errors: Report = { verdict: 'error', error_class: 'rejected' };

/** A run of one file whose attempts end as they are told to, one after the other. */
async function play(queue: TestQueue, body: Body, attempts: readonly Report[], test = 'a.spec.ts') {
  const agent = await queue.agent('rack', ['emulator']);
  const settings = { framework: 'command', retry_failed_tests: attempts.length - 1, max_retries: 3 } as const;
  const { run } = await queue.submit({ tests: [test], ...settings, ...body });
  for (const [place, report] of attempts.entries()) {
    const lease = await agent.mustTake();
    const [job] = lease.jobs;
    const ref = { leaseId: lease.lease_id, jobId: job?.job_id ?? '', attempt: place + 1 };
    const whole = { attempt: place + 1, verdict: 'passed', duration_ms: 30, ...report } as const;
    await finishAttempt(queue.deps, everyone, ref, whole);
    queue.advance(1000);
  }
  return run;
}

async function writeAll(deps: Deps): Promise<void> {
  while (await writeLedger(deps));
}

/** Title (or path) of each test, with how its jobs count: passed, flaky, failed. */
async function ledger(queue: TestQueue): Promise<Record<string, string>> {
  await writeAll(queue.deps);
  const all = { ...(await listTests(queue.deps, { kind: 'file' }, anyOrg)) };
  const { tests } = await listTests(queue.deps, {}, anyOrg);
  return Object.fromEntries(
    [...all.tests, ...tests].map(({ test_path: path, title, jobs }) => [
      title ?? path,
      `${jobs.passed} ${jobs.flaky} ${jobs.failed}`,
    ]),
  );
}

test('a failure that passes in the retry is flaky, of the case and of its file', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [fails, passes]);
  await play(queue, commit('b'), [passes]);
  expect(await ledger(queue)).toEqual({ buys: '1 1 0', 'a.spec.ts': '1 1 0' });
});

test('one that the framework calls flaky is flaky', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [reports(one('buys', 'flaky'), one('sells', 'passed'))]);
  expect(await ledger(queue)).toEqual({ buys: '0 1 0', sells: '1 0 0', 'a.spec.ts': '0 1 0' });
});

test.each([
  ['failed first', [fails, passes]],
  ['passed first', [passes, fails]],
])('a failure is flaky where another job of the same source passed: it %s', async (_, order) => {
  const queue = await openTestQueue();
  for (const report of order) {
    await play(queue, commit('a'), [report]);
    // Each is counted before the next one ends.
    await writeAll(queue.deps);
  }
  expect(await ledger(queue)).toEqual({ buys: '1 1 0', 'a.spec.ts': '1 1 0' });
});

test('the same where both are counted at once', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [passes]);
  await play(queue, commit('a'), [fails]);
  expect(await ledger(queue)).toEqual({ buys: '1 1 0', 'a.spec.ts': '1 1 0' });
});

test('a failure on another source is no flake: another commit, app, or parameters', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [passes]);
  await play(queue, commit('b'), [fails]);
  await play(queue, { ...commit('a'), app_version_id: 'v2' }, [fails]);
  await play(queue, { ...commit('a'), params: { URL: 'x' } }, [fails]);
  expect(await ledger(queue)).toEqual({ buys: '1 0 3', 'a.spec.ts': '1 0 3' });
});

test('of a workspace that may have changed, only one run is the same source', async () => {
  const queue = await openTestQueue();
  for (const body of [{}, { source: { kind: 'workspace' as const } }]) {
    await play(queue, body, [passes]);
    await play(queue, body, [fails]);
    await play(queue, body, [fails, passes]);
  }
  expect(await ledger(queue)).toEqual({ buys: '2 2 2', 'a.spec.ts': '2 2 2' });
});

test('what ended without a verdict of the test counts for nothing', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [errors]);
  const run = await queue.submit({ ...commit('a'), tests: ['never.spec.ts'] });
  await cancelRun(queue.deps, run.run.run_id, anyOrg);
  expect(await ledger(queue)).toEqual({});
  // A failure before the error does count, as one that never passed.
  await play(queue, { ...commit('a'), retry_failed_tests: 1 }, [fails, errors]);
  expect(await ledger(queue)).toEqual({ buys: '0 0 1', 'a.spec.ts': '0 0 1' });
});

test('a file whose framework lists no cases counts as a whole, by its verdicts', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [bare('failed'), bare('passed')], 'flow.yaml');
  await play(queue, commit('b'), [bare('failed')], 'flow.yaml');
  expect(await ledger(queue)).toEqual({ 'flow.yaml': '0 1 1' });
  const { tests } = await listTests(queue.deps, {}, anyOrg);
  expect(tests).toMatchObject([{ title: null, p50_ms: 40, p95_ms: 40 }]);
});

test('two cases of one name are no flake where one of them fails and the other passes', async () => {
  const queue = await openTestQueue();
  const twins = [one('twin', 'passed'), one('twin', 'failed')].map(({ id: _, ...rest }) => rest);
  await play(queue, commit('a'), [reports(...twins)]);
  expect(await ledger(queue)).toMatchObject({ twin: '0 0 1' });
});

test('cases of a report that does not list all of them are not counted', async () => {
  const queue = await openTestQueue();
  const { report, ...rest } = reports(one('buys', 'failed'), one('sells', 'passed'));
  await play(queue, commit('a'), [
    { ...rest, ...(report && { report: { ...report, total: 9, passed: 8 } }) },
  ]);
  expect(await ledger(queue)).toEqual({ 'a.spec.ts': '0 0 1' });
});

test('tests of the same name in another org, repository or on another target are others', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [passes]);
  await play(queue, { ...commit('a'), branch: { repository_id: '7', ref: 'main' } }, [fails]);
  await play(queue, { ...commit('a'), org_id: 'rival' }, [fails]);
  await writeAll(queue.deps);
  const shown = async (orgId: string) =>
    (await listTests(queue.deps, {}, { orgId })).tests.map(({ repository_id: id, jobs }) => [
      id,
      jobs.failed,
    ]);
  expect((await shown('acme')).sort()).toEqual([
    ['', 0],
    ['7', 1],
  ]);
  expect(await shown('rival')).toEqual([['', 1]]);
  await expect(listTests(queue.deps, {}, anyOrg)).rejects.toMatchObject({ code: 'invalid' });
});

test('each job is counted once, also by several servers at once', async () => {
  const queue = await openTestQueue();
  for (const digit of ['a', 'b', 'c', 'd']) await play(queue, commit(digit), [fails, passes]);
  await Promise.all([1, 2, 3].map(() => writeAll(queue.deps)));
  expect(await ledger(queue)).toEqual({ buys: '0 4 0', 'a.spec.ts': '0 4 0' });
  const { tests } = await listTests(queue.deps, {}, anyOrg);
  const details = await readTest(queue.deps, tests[0]?.test_id ?? '', anyOrg);
  expect(details.failures).toHaveLength(4);
  expect(details.days).toMatchObject([{ day: '2026-01-01', passed: 0, flaky: 4, failed: 0 }]);
  expect(details.flakiness).toMatchObject({ share: 1, high: 1 });
});

test('what is known outlives the run, and a mended test is clean after 30 days', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [fails, passes]);
  await writeAll(queue.deps);
  queue.advance(20 * 24 * 3_600_000);
  await pruneRuns(queue.deps, queue.deps.now(), 10);
  await deleteJobs(queue.deps, await jobsOfPrunedRuns(queue.deps, 10));
  expect(await ledger(queue)).toMatchObject({ buys: '0 1 0' });
  await play(queue, commit('b'), [passes]);
  queue.advance(10 * 24 * 3_600_000);
  while (await forgetDays(queue.deps));
  expect(await ledger(queue)).toMatchObject({ buys: '1 0 0' });
  expect((await listTests(queue.deps, { sort: 'flaky' }, anyOrg)).tests).toEqual([]);
  queue.advance(60 * 24 * 3_600_000);
  while (await forgetDays(queue.deps));
  for (const table of ['test_failures', 'test_sources'])
    expect(await queue.deps.sql.read(`SELECT * FROM ${table}`)).toEqual([]);
  const now = queue.deps.now();
  await pruneUnused(queue.deps, 'tests', { ended: now, used: now, from: 0, most: 500 });
  expect(await ledger(queue)).toEqual({});
});

test('a job with more cases than a step has is counted alone, and those after it too', async () => {
  const queue = await openTestQueue();
  const many = Array.from({ length: 3000 }, (_, n) => one(`case ${n}`, 'passed'));
  await play(queue, commit('a'), [reports(...many)]);
  await play(queue, commit('b'), [reports(...many)]);
  await play(queue, commit('b'), [passes], 'b.spec.ts');
  await writeAll(queue.deps);
  const [row] = await queue.deps.sql.read('SELECT count(*) AS n, sum(passed) AS passed FROM tests');
  expect(row).toMatchObject({ n: 3003, passed: 2 * 3001 + 2 });
});

/** Executes a file again and again; each execution ends as the next of these says. */
async function hunt(queue: TestQueue, body: Body, ends: readonly Report[]) {
  const agent = await queue.agent('rack', ['emulator']);
  await queue.submit({ tests: ['a.spec.ts'], hunt_times: ends.length, framework: 'command', ...body });
  for (const report of ends) {
    const lease = await agent.mustTake();
    const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
    const whole = { attempt: 1, verdict: 'passed', duration_ms: 30, ...report } as const;
    await finishAttempt(queue.deps, everyone, ref, whole);
    queue.advance(1000);
  }
}

test('the executions of a hunt are no jobs of the ledger, neither those that pass nor those that fail', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [passes]);
  const before = await ledger(queue);
  await hunt(queue, commit('a'), [fails, passes, fails]);
  expect(await ledger(queue)).toEqual(before);
  const { tests } = await listTests(queue.deps, {}, anyOrg);
  expect(await readTest(queue.deps, tests[0]?.test_id ?? '', anyOrg)).toMatchObject({
    ...{ failures: [], last_failed_at: null, jobs: { passed: 1, flaky: 0, failed: 0 } },
  });
});

test('a test that was hunted alone is not in the ledger', async () => {
  const queue = await openTestQueue();
  await hunt(queue, commit('a'), [fails, passes]);
  expect(await ledger(queue)).toEqual({});
});

test.each([
  ['before', false],
  ['after', true],
])('a pass of a hunt %s a failure on the same source makes that failure flaky', async (_, isAfter) => {
  const queue = await openTestQueue();
  const run = () => play(queue, commit('a'), [fails]);
  if (isAfter) await run();
  await writeAll(queue.deps);
  await hunt(queue, commit('a'), [fails, passes, fails, fails, fails, fails, fails, fails]);
  await writeAll(queue.deps);
  if (!isAfter) await run();
  expect(await ledger(queue)).toEqual({ 'a.spec.ts': '0 1 0', buys: '0 1 0' });
});

test('a hunt on another source says nothing of it, and keeps no pass of runs out', async () => {
  const queue = await openTestQueue();
  await play(queue, commit('a'), [passes]);
  await hunt(queue, commit('a'), Array(9).fill(fails));
  await hunt(queue, commit('b'), [passes]);
  await writeAll(queue.deps);
  await play(queue, commit('a'), [fails]);
  await play(queue, commit('c'), [fails]);
  expect(await ledger(queue)).toEqual({ 'a.spec.ts': '1 1 1', buys: '1 1 1' });
});
