import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { readRun } from '../runs/read-run.ts';
import { retryRun } from '../runs/retry-runs.ts';
import { Coalescer } from '../store/coalescer.ts';
import type { Deps } from '../store/deps.ts';
import { submitRun } from './submit-run.ts';

const github = {
  ...{
    repository: 'acme/app',
    repository_id: '7',
    workflow: 'tests',
    job: 'e2e',
    check_name: 'qgjob',
    run_id: '99',
  },
  ...{ sha: 'a'.repeat(40), ref: 'refs/heads/main', event_name: 'push' },
};
type Body = Partial<SubmitRun> & { org_id?: string };
const attempt = (run_attempt: number, more: object = {}): Body => ({
  ...{ tests: ['a', 'b', 'c'], retry_failed_tests: 0, max_retries: 0 },
  source: { kind: 'workspace', sha: 'a'.repeat(40) },
  github: { ...github, run_attempt, ...more },
});

const one = (status: 'passed' | 'flaky') => [{ name: 't', status, duration_ms: 1 }];
const reports = {
  passed: { verdict: 'passed', tests: one('passed') },
  flaky: { verdict: 'passed', tests: one('flaky') },
  failed: { verdict: 'failed' },
  errored: { verdict: 'error', error_class: 'rejected' },
} satisfies Record<string, Partial<FinishJob>>;
type End = keyof typeof reports;

/** Ends the jobs that wait as they are told to; those of no word are left. */
async function play(queue: TestQueue, ends: Readonly<Record<string, End>>): Promise<void> {
  const agent = await queue.agent('rack', ['emulator']);
  for (let lease = await agent.take(); lease; lease = await agent.take()) {
    const open = lease.jobs.filter((job) => ends[job.test_path] !== undefined);
    for (const { job_id: jobId, test_path: path } of open) {
      const report = { attempt: 1, duration_ms: 1, ...reports[ends[path] ?? 'passed'] };
      await finishAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId, attempt: 1 }, report);
    }
    if (open.length < lease.jobs.length) return;
  }
}

const pathsOf = ({ jobs }: { jobs: readonly { test_path: string }[] }): string[] =>
  jobs.map((job) => job.test_path);
const allRun = (warning: RegExp) => ({
  paths: ['a', 'b', 'c'],
  retry: null,
  before: 0,
  warnings: [expect.stringMatching(warning)],
});
const shown = (made: Awaited<ReturnType<typeof submitRun>>) => ({
  ...{ paths: pathsOf(made), retry: made.run.retry_of, before: made.run.passed_before },
  warnings: made.warnings,
});
const onward = (of: { run: { run_id: string } }, paths: string[], before: number) => ({
  ...{ paths, before, retry: of.run.run_id, warnings: [] },
});

test('a second attempt runs what did not pass, and says what did', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'errored' });
  const second = await queue.submit(attempt(2));
  expect(shown(second)).toEqual(onward(first, ['b', 'c'], 1));
  await play(queue, { b: 'passed', c: 'failed' });
  const third = await queue.submit(attempt(3));
  expect(shown(third)).toEqual(onward(second, ['c'], 2));
});

test.each([
  ['passed', { a: 'passed', b: 'passed', c: 'flaky' }],
  ['passed with the help of an earlier attempt', { a: 'failed', b: 'passed', c: 'passed' }],
] as const)('where everything %s, everything runs again', async (_what, ends) => {
  const queue = await openTestQueue();
  let last = await queue.submit(attempt(1));
  await play(queue, ends);
  if (ends.a === 'failed') {
    last = await queue.submit(attempt(2));
    await play(queue, { a: 'passed' });
  }
  expect(shown(await queue.submit(attempt(3)))).toEqual(onward(last, ['a', 'b', 'c'], 0));
});

test('with fail_on_flaky a flaky test has not passed', async () => {
  const queue = await openTestQueue();
  const strict = { fail_on_flaky: true };
  const first = await queue.submit({ ...attempt(1), ...strict });
  await play(queue, { a: 'passed', b: 'flaky', c: 'passed' });
  expect(shown(await queue.submit({ ...attempt(2), ...strict }))).toEqual(onward(first, ['b'], 2));
});

/** Such an attempt, whose check run has a name that could be read. */
const named = (n: number): Body => attempt(n, { check_run_name: 'e2e' });

test.each<[what: string, source: SubmitRun['source']]>([
  ['a workspace without a commit', { kind: 'workspace' }],
  ['no source', undefined],
])('what passed with %s may be other code by now, so everything runs', async (_what, source) => {
  const queue = await openTestQueue();
  const { source: _fixed, ...bare } = attempt(1);
  const of = (n: number): Body => ({ ...bare, ...attempt(n), source });
  await queue.submit(of(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  expect(shown(await queue.submit(of(2)))).toEqual(allRun(/source is not fixed/));
});

test('a first attempt of which only the look is the same goes on: it may be that of another call', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed' });
  expect(shown(await queue.submit(attempt(2)))).toEqual(onward(first, ['b', 'c'], 1));
  expect((await readRun(queue.deps, first.run.run_id, 0, anyOrg)).status).toBe('running');
});

test('a first attempt that still runs is cancelled, and a second one runs all that had not passed by then', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(named(1));
  await play(queue, { a: 'passed' });
  const second = await queue.submit(named(2));
  expect(shown(second)).toEqual(onward(first, ['b', 'c'], 1));
  expect(await readRun(queue.deps, first.run.run_id, 0, anyOrg)).toMatchObject({
    ...{ status: 'cancelled', conclusion: 'cancelled' },
    counts: { passed: 1, cancelled: 2 },
  });
});

test('a test of it that runs at the time is asked to end, and runs again', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const first = await queue.submit(named(1));
  const lease = await agent.mustTake();
  const jobId = lease.jobs[0]?.job_id ?? '';
  await startAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId, attempt: 1 });
  expect(shown(await queue.submit(named(2)))).toEqual(onward(first, ['a', 'b', 'c'], 0));
  expect((await readRun(queue.deps, first.run.run_id, 0, anyOrg)).counts).toMatchObject({
    ...{ running: 1, cancelled: 2 },
  });
});

test('after a first attempt that was cancelled, a second one runs what had not passed', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed' });
  await cancelRun(queue.deps, first.run.run_id, anyOrg);
  expect(shown(await queue.submit(attempt(2)))).toEqual(onward(first, ['b', 'c'], 1));
});

test('after a first attempt that never came here, everything runs', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['emulator']);
  expect(shown(await queue.submit(attempt(2)))).toEqual(allRun(/no run of an earlier attempt/));
});

test('a test that the second attempt does not name is not of it, and one that is new in it runs', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  const second = await queue.submit({ ...attempt(2), tests: ['a', 'b', 'd'] });
  expect(shown(second)).toEqual(onward(first, ['b', 'd'], 1));
});

const ofToken = (queue: TestQueue, body: Body, submittedBy: string) =>
  queue.submit(body, undefined, submittedBy);

test.each<[what: string, body: Body, submittedBy?: string]>([
  ['another job', attempt(2, { job: 'unit' })],
  ['another matrix leg', attempt(2, { leg: 'ios' })],
  ['another check', attempt(2, { check_name: 'qgjob (device)' })],
  ['another workflow run', attempt(2, { run_id: '100' })],
  ['another repository', attempt(2, { repository_id: '8' })],
  [
    'another call of a reusable workflow, by the name of its check run',
    attempt(2, { check_run_name: 'b / e2e' }),
  ],
  ['another org', { ...attempt(2), org_id: 'other' }],
  ['another token', attempt(2), 'tok_2'],
  ['what GitHub has proved', attempt(2), 'github'],
])('%s never goes on with a run', async (_what, body, submittedBy = 'tok_1') => {
  const queue = await openTestQueue();
  const first = await ofToken(queue, attempt(1), 'tok_1');
  await play(queue, { a: 'passed', b: 'failed' });
  expect(shown(await ofToken(queue, body, submittedBy))).toEqual(allRun(/no run of an earlier attempt/));
  expect((await readRun(queue.deps, first.run.run_id, 0, anyOrg)).status).toBe('running');
});

test.each<[what: string, body: Body, why: RegExp]>([
  ['commit', attempt(2, { sha: 'b'.repeat(40) }), /another commit/],
  ['build of the app', { ...attempt(2), app_version_id: 'v2' }, /another app version \(v1\)/],
  ['source', { ...attempt(2), source: { kind: 'workspace', sha: 'b'.repeat(40) } }, /another source/],
  ['value for the tests', { ...attempt(2), params: { URL: 'x' } }, /another source/],
  ['selection of tests', { ...attempt(2), grep: 'x', framework: 'playwright' }, /another source/],
  ['framework', { ...attempt(2), framework: 'maestro' }, /framework/],
])('with another %s everything runs, and the earlier run ends', async (_what, body, why) => {
  const queue = await openTestQueue();
  const first = await queue.submit(named(1));
  await play(queue, { a: 'passed' });
  const github = { ...body.github, check_run_name: 'e2e' } as SubmitRun['github'];
  expect(shown(await queue.submit({ ...body, github }))).toEqual(allRun(why));
  expect((await readRun(queue.deps, first.run.run_id, 0, anyOrg)).status).toBe('cancelled');
});

test('two calls of a reusable workflow that look alike are never merged, in no later attempt either', async () => {
  const queue = await openTestQueue();
  await queue.submit(attempt(1));
  await queue.submit(attempt(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  for (const n of [2, 3]) {
    expect(shown(await queue.submit(attempt(n)))).toEqual(allRun(/look alike/));
    await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  }
});

test('the names of their check runs tell such calls apart', async () => {
  const queue = await openTestQueue();
  const call = (n: number, name: string) => queue.submit(attempt(n, { check_run_name: `${name} / e2e` }));
  const first = await call(1, 'one');
  await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  const other = await call(1, 'two');
  await play(queue, { a: 'failed', b: 'passed', c: 'passed' });
  expect(shown(await call(2, 'one'))).toEqual(onward(first, ['b'], 2));
  expect(shown(await call(2, 'two'))).toEqual(onward(other, ['a'], 2));
});

test('a second submit of the same attempt, as of another step of the job, runs everything', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  expect(shown(await queue.submit(attempt(2)))).toEqual(onward(first, ['b'], 2));
  expect(shown(await queue.submit(attempt(2)))).toEqual(allRun(/look alike/));
});

test.each(['one server', 'two servers'])(
  'of two submits of one attempt at once by %s one goes on, and the other runs everything',
  async (which) => {
    const queue = await openTestQueue();
    const first = await queue.submit(attempt(1));
    await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
    const other: Deps = which === 'one server' ? queue.deps : { ...queue.deps, coalescer: new Coalescer() };
    const { org_id: _org, ...body } = attempt(2);
    const input = { orgId: 'acme', body: { app_version_id: 'v1', ...body } as SubmitRun, submittedBy: '' };
    const made = await Promise.all([queue.deps, other].map((deps) => submitRun(deps, input)));
    const sorted = made.map(shown).sort((a, b) => a.paths.length - b.paths.length);
    expect(sorted).toEqual([onward(first, ['b'], 2), allRun(/look alike/)]);
  },
);

test('the same submit sent twice, also at once, is one run', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'passed' });
  const made = await Promise.all([1, 2].map(() => queue.submit(attempt(2), 'key')));
  made.push(await queue.submit(attempt(2), 'key'));
  expect(new Set(made.map(({ run }) => run.run_id)).size).toBe(1);
  for (const answer of made) expect(shown(answer)).toEqual(onward(first, ['b'], 2));
});

test('a retry that somebody asked for is no attempt: the next one goes on with the first', async () => {
  const queue = await openTestQueue();
  const first = await queue.submit(attempt(1));
  await play(queue, { a: 'passed', b: 'failed', c: 'failed' });
  await retryRun(queue.deps, { id: first.run.run_id, only: 'failed' }, anyOrg);
  await play(queue, { b: 'passed', c: 'passed' });
  expect(shown(await queue.submit(attempt(2)))).toEqual(onward(first, ['b', 'c'], 1));
});

const ends = fc.constantFrom<End>('passed', 'flaky', 'failed', 'errored');
const attempts = fc.array(fc.record({ a: ends, b: ends, c: ends }), { minLength: 1, maxLength: 4 });

test('whatever the attempts were, the next one leaves out only what passed last, and is never empty', async () => {
  const property = fc.asyncProperty(attempts, async (all) => {
    const queue = await openTestQueue();
    let passed = new Set<string>();
    for (const [index, of] of all.entries()) {
      const made = await queue.submit(attempt(index + 1));
      const due = passed.size === 3 ? ['a', 'b', 'c'] : ['a', 'b', 'c'].filter((path) => !passed.has(path));
      expect([index, pathsOf(made), made.run.passed_before]).toEqual([index, due, 3 - due.length]);
      await play(queue, of);
      passed = new Set([
        ...[...passed].filter((path) => !due.includes(path)),
        ...due.filter((path) => ['passed', 'flaky'].includes(of[path as 'a'])),
      ]);
    }
  });
  await fc.assert(property, { numRuns: 15 });
});
