import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { countTests } from '../../../protocol/count-tests.ts';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { createOrg, patchOrg } from '../orgs/orgs.ts';
import { deleteJobs, jobsOfPrunedRuns, pruneRuns } from '../retention/prune-runs.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { readRun } from '../runs/read-run.ts';
import { retryRun } from '../runs/retry-runs.ts';
import { finishAttempt } from './finish-attempt.ts';

type Body = Partial<SubmitRun> & { org_id?: string };
type Report = Partial<FinishJob> | 'cancel';

const branch = { repository_id: '7', ref: 'main' };
const onMain: Body = { branch };
const onChange: Body = { base: { repository_id: '7', ref: 'refs/heads/main' }, fail_on: 'new' };

const case_ = (name: string, status: TestCase['status'], more: Partial<TestCase> = {}): TestCase => ({
  ...{ name, file: 'a.spec.ts', status, duration_ms: 1, ...more },
});
const failsWith = (...tests: TestCase[]): Partial<FinishJob> => ({
  verdict: 'failed',
  tests,
  report: { total: tests.length, ...countTests(tests), listed: tests.length, complete: true },
});
const fails = (...names: string[]): Partial<FinishJob> =>
  failsWith(...names.map((name) => case_(name, 'failed')), case_('fine', 'passed'));
/** As an agent tells it that does not know whether more than these tests went wrong. */
const failsInPart = (...names: string[]): Report => {
  const { report: _report, ...rest } = fails(...names);
  return rest;
};
const passes: Report = { verdict: 'passed', tests: [case_('fine', 'passed')] };
const errors: Report = { verdict: 'error', error_class: 'rejected' };

/** A run in which each file ends as it is told to; `cancel` ends the whole run at this file. */
async function endRun(queue: TestQueue, body: Body, files: Record<string, Report>, submittedBy = '') {
  const target = body.target ?? 'emulator';
  const agent = await queue.agent(`rack-${target}`, [target]);
  const settings = { framework: 'playwright', retry_failed_tests: 0, max_retries: 0 } as const;
  const { run } = await queue.submit(
    { tests: Object.keys(files), ...settings, ...body },
    undefined,
    submittedBy,
  );
  for (;;) {
    const lease = await agent.take();
    if (!lease) break;
    for (const job of lease.jobs) {
      const report = files[job.test_path] ?? errors;
      if (report === 'cancel') {
        await cancelRun(queue.deps, run.run_id, anyOrg);
        break;
      }
      const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: 1 };
      await finishAttempt(queue.deps, everyone, ref, {
        attempt: 1,
        duration_ms: 1,
        verdict: 'failed',
        ...report,
      });
    }
  }
  queue.advance(1000);
  const after = await readRun(queue.deps, run.run_id, 0, anyOrg);
  return { ...after, byPath: Object.fromEntries(after.jobs.map((job) => [job.test_path, job])) };
}

test('failures that the base branch has too are known, and with fail_on: new the run is green and says why', async () => {
  const queue = await openTestQueue();
  const base = await endRun(queue, onMain, { a: fails('one', 'two'), b: passes });
  const run = await endRun(queue, onChange, { a: fails('two'), b: passes });
  expect(run).toMatchObject({ status: 'passed', conclusion: 'success', reason: 'known_failures' });
  expect(run.byPath.a).toMatchObject({
    ...{ status: 'failed', known_failure: true, known_run_id: base.run_id },
  });
  expect(run.byPath.b).toMatchObject({ known_failure: null });
});

test('without fail_on: new the same run is red', async () => {
  const queue = await openTestQueue();
  await endRun(queue, onMain, { a: fails('one') });
  const run = await endRun(queue, { ...onChange, fail_on: 'any' }, { a: fails('one'), b: passes });
  expect(run).toMatchObject({ status: 'failed', conclusion: 'failure', reason: null });
  expect(run.byPath.a?.known_failure).toBe(true);
});

const known = { a: fails('one'), b: passes };
const more = { total: 9, passed: 1, failed: 8, skipped: 0, flaky: 0, listed: 2, complete: true };

test.each<
  [
    what: string,
    base: [Body, Record<string, Report>][],
    change: [Body, Record<string, Report>],
    known: boolean | null,
  ]
>([
  [
    'a new failing case beside a known one',
    [[onMain, known]],
    [onChange, { a: fails('one', 'new'), b: passes }],
    false,
  ],
  ['a case of another name', [[onMain, known]], [onChange, { a: fails('One'), b: passes }], false],
  [
    'the same name in another file of the report',
    [[onMain, known]],
    [onChange, { a: failsWith(case_('one', 'failed', { file: 'b.spec.ts' })), b: passes }],
    false,
  ],
  [
    'the same name of another project',
    [[onMain, { a: failsWith(case_('one', 'failed', { id: 'android-1' })) }]],
    [onChange, { a: failsWith(case_('one', 'failed', { id: 'ios-1' })), b: passes }],
    false,
  ],
  [
    'two failures of one name, of which one is known',
    [[onMain, known]],
    [onChange, { a: fails('one', 'one'), b: passes }],
    false,
  ],
  [
    'a file that was renamed',
    [[onMain, { old: fails('one') }]],
    [onChange, { a: fails('one'), b: passes }],
    false,
  ],
  ['a file that passed on the base branch', [[onMain, { a: passes }]], [onChange, known], false],
  [
    'a file that was mended on the base branch',
    [
      [onMain, known],
      [onMain, { a: passes }],
    ],
    [onChange, known],
    false,
  ],
  [
    'a file that the last run of the base branch did not have',
    [
      [onMain, known],
      [onMain, { b: passes }],
    ],
    [onChange, known],
    false,
  ],
  [
    'a file without a verdict on the base branch',
    [[onMain, { a: errors, b: passes }]],
    [onChange, known],
    false,
  ],
  [
    'a crash that lists no case',
    [[onMain, known]],
    [onChange, { a: { verdict: 'failed', error: 'exit 139' }, b: passes }],
    null,
  ],
  [
    'a failed exit over a report without a failure',
    [[onMain, known]],
    [onChange, { a: { tests: [case_('one', 'passed')] }, b: passes }],
    null,
  ],
  [
    'a report that lists a part of its failures',
    [[onMain, known]],
    [onChange, { a: { ...fails('one'), report: more }, b: passes }],
    null,
  ],
  [
    'a failure that kept other tests of its file from running',
    [[onMain, known]],
    [onChange, { a: failsInPart('one'), b: passes }],
    null,
  ],
  ['a base branch without a run', [], [onChange, known], null],
  [
    'a base run that was cancelled half-way',
    [[onMain, { a: fails('one'), b: 'cancel' }]],
    [onChange, known],
    null,
  ],
  ['a base run on another target', [[{ ...onMain, target: 'device' }, known]], [onChange, known], null],
  ['another branch', [[{ branch: { ...branch, ref: 'next' } }, known]], [onChange, known], null],
  ['another repository', [[{ branch: { ...branch, repository_id: '8' } }, known]], [onChange, known], null],
  ['another org', [[{ ...onMain, org_id: 'other' }, known]], [onChange, known], null],
  ['a run without a base branch', [[onMain, known]], [{ fail_on: 'new' }, known], null],
])('%s is no known failure, and red', async (_what, base, [body, files], expected) => {
  const queue = await openTestQueue();
  for (const [of, results] of base) await endRun(queue, of, results);
  const run = await endRun(queue, body, files);
  expect(run.byPath.a).toMatchObject({ status: 'failed', known_failure: expected });
  expect(run).toMatchObject({ status: 'failed', conclusion: 'failure' });
});

test.each<[what: string, body: Body, files: Record<string, Report>, status: string]>([
  ['nothing passed', {}, { a: fails('one') }, 'failed'],
  ['something has no verdict', {}, { a: fails('one'), b: passes, c: errors }, 'failed'],
  ['something was cancelled', {}, { a: fails('one'), b: passes, c: 'cancel' }, 'failed'],
  ['another failure is new', {}, { a: fails('one'), b: passes, c: fails('two') }, 'failed'],
  [
    ...(['flaky tests count as failures', { fail_on_flaky: true }] as const),
    { a: fails('one'), b: { verdict: 'passed', tests: [case_('fine', 'flaky')] } },
    'failed',
  ],
  [
    ...(['flaky tests beside known failures count as failures', { fail_on_flaky: true }] as const),
    { a: failsWith(case_('one', 'failed'), case_('two', 'flaky')), b: passes },
    'failed',
  ],
])('known failures make no run green in which %s', async (_what, body, files, status) => {
  const queue = await openTestQueue();
  await endRun(queue, onMain, { a: fails('one') });
  expect(await endRun(queue, { ...onChange, ...body }, files)).toMatchObject({
    status,
    conclusion: 'failure',
  });
});

test('known failures stop no run at its max_failures, and new ones do', async () => {
  const queue = await openTestQueue();
  await endRun(queue, onMain, { a: fails('one'), b: fails('two') });
  const limited: Body = { ...onChange, max_failures: 1 };
  const green = await endRun(queue, limited, { a: fails('one'), b: fails('two'), c: passes });
  expect(green).toMatchObject({ status: 'passed', reason: 'known_failures', counts: { failed: 2 } });
  const red = await endRun(queue, limited, { a: fails('one'), b: fails('new'), c: 'cancel' });
  expect(red).toMatchObject({ status: 'failed', reason: 'max_failures', counts: { cancelled: 1 } });
  const any = await endRun(
    queue,
    { ...limited, fail_on: 'any' },
    { a: fails('one'), b: 'cancel', c: 'cancel' },
  );
  expect(any).toMatchObject({ status: 'failed', reason: 'max_failures', counts: { failed: 1 } });
});

const github = {
  ...{ repository: 'acme/app', repository_id: '7', workflow: 'tests', job: 'e2e', check_name: 'qgjob' },
  ...{ sha: 'a'.repeat(40), code_sha: 'a'.repeat(40), run_attempt: 1 },
};
const from = (event: string, ref: string, more: object = {}): Body => ({
  github: { ...github, event_name: event, ref, run_id: '1', ...more },
});
const pull = from('pull_request', 'refs/pull/7/merge', { pr_number: 7, base_ref: 'main' });

test.each([
  ['a push', from('push', 'refs/heads/main'), true],
  ['a schedule', from('schedule', 'refs/heads/main'), true],
  [
    'a run of a merge group',
    from('merge_group', 'refs/heads/gh-readonly-queue/main/pr-1', { base_ref: 'main' }),
    null,
  ],
  ['another pull request', pull, null],
  [
    'a pull_request_target, which tests foreign code for the branch',
    from('pull_request_target', 'refs/heads/main'),
    null,
  ],
  ['a workflow_run', from('workflow_run', 'refs/heads/main'), null],
  [
    'a schedule that checked out another commit',
    from('schedule', 'refs/heads/main', { code_sha: 'b'.repeat(40) }),
    null,
  ],
  [
    'a workflow_dispatch that does not say what is checked out',
    from('workflow_dispatch', 'refs/heads/main', { code_sha: undefined }),
    null,
  ],
  ['a push of a tag', from('push', 'refs/tags/main'), null],
  ['a push whose submit names the branch itself', { ...from('push', 'refs/heads/next'), ...onMain }, null],
])('of GitHub’s events %s says what fails on the base branch: %s', async (_what, base, expected) => {
  const queue = await openTestQueue();
  // Else those that may run foreign code would not run at all.
  await createOrg(queue.deps, { org_id: 'acme' });
  await patchOrg(queue.deps, 'acme', { untrusted_targets: ['emulator'] }, anyOrg);
  await endRun(queue, base, known);
  expect((await endRun(queue, pull, known)).byPath.a?.known_failure).toBe(expected);
});

test.each([
  ['its own word', { base_ref: 'refs/heads/main' }],
  ['the name of its branch', {}],
])('a merge group is compared with the branch that it goes to, by %s', async (_what, more) => {
  const queue = await openTestQueue();
  await endRun(queue, from('push', 'refs/heads/main'), known);
  const group = from('merge_group', `refs/heads/gh-readonly-queue/main/pr-7-${'a'.repeat(40)}`, more);
  expect((await endRun(queue, group, known)).byPath.a?.known_failure).toBe(true);
});

test('what GitHub has proved is compared with what it has proved alone', async () => {
  const queue = await openTestQueue();
  await endRun(queue, from('push', 'refs/heads/main'), known, 'tok_1');
  expect((await endRun(queue, pull, known, 'github')).byPath.a?.known_failure).toBeNull();
  await endRun(queue, from('push', 'refs/heads/main'), known, 'github');
  expect((await endRun(queue, pull, known, 'github')).byPath.a?.known_failure).toBe(true);
});

test('each leg of a matrix is compared with the same leg of the base branch, though another one ended after it', async () => {
  const queue = await openTestQueue();
  const push = (leg: string) => from('push', 'refs/heads/main', { leg });
  await endRun(queue, push('1'), { a: fails('one') });
  await endRun(queue, push('2'), { b: fails('two') });
  const legOf = (leg: string): Body => ({ github: { ...pull.github, leg } as SubmitRun['github'] });
  expect((await endRun(queue, legOf('1'), { a: fails('one') })).byPath.a?.known_failure).toBe(true);
  expect((await endRun(queue, legOf('2'), { b: fails('two') })).byPath.b?.known_failure).toBe(true);
  // Another leg has the file mended by now.
  await endRun(queue, push('3'), { a: passes });
  expect((await endRun(queue, legOf('1'), { a: fails('one') })).byPath.a?.known_failure).toBe(false);
});

test('a failure of another leg, job or check of the base branch is not known in this one, though the file failed there', async () => {
  const queue = await openTestQueue();
  const push = (leg: string) => from('push', 'refs/heads/main', { leg });
  await endRun(queue, push('1'), { a: fails('one'), b: passes });
  await endRun(queue, push('2'), { a: fails('two'), b: passes });
  const legOf = (leg: string): Body => ({ github: { ...pull.github, leg } as SubmitRun['github'] });
  const knownIn = async (leg: string, name: string) =>
    (await endRun(queue, legOf(leg), { a: fails(name), b: passes })).byPath.a?.known_failure;
  expect([await knownIn('1', 'two'), await knownIn('2', 'one')]).toEqual([false, false]);
  // Each leg keeps its own, whichever ended last.
  expect([await knownIn('1', 'one'), await knownIn('2', 'two')]).toEqual([true, true]);
});

test.each(['b', 'e2e'])(
  'an old run of the base branch that runs again says nothing of a newer one, in job %s',
  async (job) => {
    const queue = await openTestQueue();
    const push = (run_id: string, run_attempt: number) =>
      from('push', 'refs/heads/main', { run_id, run_attempt });
    await endRun(queue, push('1', 1), known);
    await endRun(queue, push('2', 1), { a: passes, b: passes });
    await endRun(queue, push('1', 2), known);
    const of: Body = { github: { ...pull.github, job } as SubmitRun['github'] };
    expect((await endRun(queue, of, known)).byPath.a?.known_failure).toBe(false);
  },
);

test('what a retry of an old run finds is no failure of the base branch', async () => {
  const queue = await openTestQueue();
  const old = await endRun(queue, onMain, known);
  await endRun(queue, onMain, { a: passes, b: passes });
  const { run, jobs } = await retryRun(queue.deps, { id: old.run_id }, anyOrg);
  const agent = await queue.agent('rack-emulator', ['emulator']);
  const lease = await agent.mustTake();
  for (const job of jobs)
    await finishAttempt(queue.deps, everyone, { leaseId: lease.lease_id, jobId: job.job_id, attempt: 1 }, {
      ...{ attempt: 1, duration_ms: 1, verdict: 'failed' },
      ...(job.test_path === 'a' ? fails('one') : passes),
    } as FinishJob);
  expect((await readRun(queue.deps, run.run_id, 0, anyOrg)).status).toBe('failed');
  expect((await endRun(queue, onChange, known)).byPath.a?.known_failure).toBe(false);
});

test('what fails on the base branch is known beyond the run that showed it', async () => {
  const queue = await openTestQueue();
  const base = await endRun(queue, onMain, known);
  await pruneRuns(queue.deps, queue.deps.now(), 100);
  await deleteJobs(queue.deps, await jobsOfPrunedRuns(queue.deps, 100));
  await expect(readRun(queue.deps, base.run_id, 0, anyOrg)).rejects.toMatchObject({ code: 'not_found' });
  const run = await endRun(queue, onChange, known);
  expect(run).toMatchObject({ status: 'passed', reason: 'known_failures' });
  expect(run.byPath.a?.known_run_id).toBe(base.run_id);
});

test('a run of the base branch that ends late says nothing of the one that was submitted after it', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('slow', ['emulator']);
  const { run } = await queue.submit({ ...onMain, tests: ['a'], retry_failed_tests: 0 });
  const lease = await agent.mustTake();
  queue.advance(1000);
  // Another app, so that another device takes it.
  const other = { app_version_id: 'v2' };
  await endRun(queue, { ...onMain, ...other }, { a: passes });
  const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
  await finishAttempt(queue.deps, everyone, ref, {
    attempt: 1,
    duration_ms: 1,
    verdict: 'failed',
    ...fails('one'),
  });
  expect((await readRun(queue.deps, run.run_id, 0, anyOrg)).status).toBe('failed');
  expect((await endRun(queue, { ...onChange, ...other }, known)).byPath.a?.known_failure).toBe(false);
});

const names = fc.array(fc.constantFrom('one', 'two', 'three'), { minLength: 1, maxLength: 4 });

test('a run is green only if every failed case is one of the base branch, whatever fails where', async () => {
  const property = fc.asyncProperty(names, names, async (ofBase, own) => {
    const queue = await openTestQueue();
    await endRun(queue, onMain, { a: fails(...ofBase) });
    const run = await endRun(queue, onChange, { a: fails(...own), b: passes });
    const count = (all: string[], name: string) => all.filter((one) => one === name).length;
    const isWithin = own.every((name) => count(own, name) <= count(ofBase, name));
    expect([run.conclusion, run.byPath.a?.known_failure]).toEqual([
      isWithin ? 'success' : 'failure',
      isWithin,
    ]);
  });
  await fc.assert(property, { numRuns: 15 });
});
