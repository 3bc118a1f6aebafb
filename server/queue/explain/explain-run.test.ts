import fc from 'fast-check';
import { expect, test } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import { ExplainedRun } from '../../../protocol/shapes/explain.ts';
import type { TestCase } from '../../../protocol/shapes/job.ts';
import type { SubmitRun } from '../../../protocol/shapes/run.ts';
import { anyOrg, everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { explainRun } from './explain-run.ts';

/** How a file ends: its failed cases with their messages; none: it passes. */
type Ends = Readonly<Record<string, readonly Partial<TestCase>[]>>;

async function openLab() {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const explain = (id: string, viewer: { orgId: string | undefined } = anyOrg) =>
    explainRun(queue.deps, id, viewer);
  /** Submits these files and runs all of them to their ends. */
  async function play(ends: Ends, body: Partial<SubmitRun> = {}): Promise<string> {
    const tests = Object.keys(ends);
    const { run } = await queue.submit({ tests, max_retries: 0, retry_failed_tests: 0, ...body });
    for (let left = tests.length; left > 0; ) left -= await work(queue, agent, ends);
    queue.advance(60_000);
    return run.run_id;
  }
  return { queue, agent, explain, play };
}

async function work(queue: TestQueue, agent: Awaited<ReturnType<TestQueue['agent']>>, ends: Ends) {
  const lease = await agent.mustTake();
  for (const { job_id: jobId, test_path } of lease.jobs) {
    const ref = { leaseId: lease.lease_id, jobId, attempt: 1 };
    await startAttempt(queue.deps, everyone, ref);
    const failed = (ends[test_path] ?? []).map((one) => ({
      name: 'case',
      duration_ms: 1,
      ...one,
      status: 'failed' as const,
    }));
    const passed = { name: 'another case', duration_ms: 1, status: 'passed' as const };
    const verdict = failed.length > 0 ? ('failed' as const) : ('passed' as const);
    await finishAttempt(queue.deps, everyone, ref, {
      ...{ attempt: 1, verdict, duration_ms: 5, tests: [...failed, passed] },
    });
  }
  return lease.jobs.length;
}

const main = { repository_id: '7', ref: 'main' };
const at = (digit: string) => ({
  source: { kind: 'workspace' as const, sha: digit.repeat(40) },
  branch: main,
});

test('a red run says what failed first, where, on which device, and since which commit', async () => {
  const { explain, play } = await openLab();
  const boom = [
    { name: 'pays', file: 'pay.spec.ts', line: 12, message: '\n  expected 3 to be 4\n  at pay.spec.ts:12' },
  ];
  const green = await play({ 'pay.spec.ts': [], 'cart.spec.ts': [] }, at('1'));
  const first = await play({ 'pay.spec.ts': boom, 'cart.spec.ts': [] }, at('2'));
  // Another branch says nothing of this one.
  await play({ 'pay.spec.ts': [] }, { ...at('9'), branch: { ...main, ref: 'feature' } });
  await play({ 'cart.spec.ts': [] }, at('3'));
  const last = await play({ 'pay.spec.ts': boom, 'cart.spec.ts': [] }, at('4'));
  const told = ExplainedRun.parse(await explain(last));
  expect(told).toMatchObject({
    ...{ run_id: last, status: 'failed', conclusion: 'failure', commit: '4'.repeat(40) },
    ...{ counts: { passed: 1, failed: 1 }, failures_left_out: 0, next: null },
  });
  expect(told.failures).toMatchObject([
    {
      ...{
        test_path: 'pay.spec.ts',
        test: 'pays',
        at: 'pay.spec.ts:12',
        error: 'expected 3 to be 4',
        tests_failed: 1,
      },
      ...{ device: 'rack/d0', attempts: 1, alike: 0, known_failure: null },
      since: { run_id: first, commit: '2'.repeat(40) },
      passed_in: { run_id: green, commit: '1'.repeat(40) },
      evidence: [{ kind: 'log' }],
    },
  ]);
});

test('a hunt is no earlier run of it', async () => {
  const { explain, play } = await openLab();
  const boom = { 'a.spec.ts': [{ message: 'boom' }] };
  const green = await play({ 'a.spec.ts': [] });
  await play(boom, { hunt_times: 1 });
  await play({ 'a.spec.ts': [] }, { hunt_times: 1 });
  const first = await play(boom);
  const [failure] = (await explain(await play(boom))).failures;
  expect(failure).toMatchObject({ since: { run_id: first }, passed_in: { run_id: green } });
});

test('what fails for the first time has no earlier run; a green run has no failures', async () => {
  const { explain, play } = await openLab();
  const green = await play({ 'a.spec.ts': [] }, at('1'));
  const red = await play({ 'a.spec.ts': [{ message: 'boom' }] }, at('2'));
  expect(await explain(green)).toMatchObject({ status: 'passed', failures: [], failures_left_out: 0 });
  expect((await explain(red)).failures).toMatchObject([{ since: null, passed_in: { run_id: green } }]);
});

test('jobs that fail in the same way are told once, numbers aside', async () => {
  const { explain, play } = await openLab();
  const refused = (port: number) => [{ message: `connect ECONNREFUSED 127.0.0.1:${port}` }];
  const ends = {
    'a.spec.ts': refused(4000),
    'b.spec.ts': refused(4001),
    'c.spec.ts': [{ message: 'no such button' }],
  };
  const { failures } = await explain(await play(ends));
  expect(failures.map(({ error, alike }) => [error, alike])).toEqual([
    ['connect ECONNREFUSED 127.0.0.1:4000', 1],
    ['no such button', 0],
  ]);
});

test('a run that goes on says what its next job waits for', async () => {
  const { queue, explain } = await openLab();
  const { run, jobs } = await queue.submit({ target: 'device', allow_no_device: true });
  const { next, duration_ms } = await explain(run.run_id);
  expect(duration_ms).toBeNull();
  expect(next).toMatchObject({ job_id: jobs[0]?.job_id, blocked_by: [{ reason: 'no_device' }] });
});

test('to another org there is no such run', async () => {
  const { explain, play } = await openLab();
  const id = await play({ 'a.spec.ts': [] });
  await expect(explain(id, { orgId: 'rival' })).rejects.toMatchObject({ code: 'not_found' });
});

test('whatever tests say, it takes 4 kB at most, tells of at least one failure and counts the others', async () => {
  const { explain, play } = await openLab();
  const text = fc.string({ unit: 'binary', maxLength: 3000 });
  const failed = fc.record({
    name: text,
    file: text.map((one) => one.slice(0, 1000)),
    line: fc.nat(),
    message: text,
  });
  const [drawn] = fc.sample(fc.array(failed, { minLength: 25, maxLength: 25 }), 1);
  const worst = Array.from({ length: 15 }, (_, n) => {
    const wide = `${String.fromCodePoint(0x1f600 + n)}`.repeat(900);
    return { name: wide, file: wide.slice(0, 900), line: n, message: wide };
  });
  const all = [...worst, ...(drawn ?? [])].map((one) => ({ ...one, name: one.name.slice(0, 2000) }));
  const ends = Object.fromEntries(all.map((one, n) => [`${'deep/'.repeat(90)}${n}.spec.ts`, [one]]));
  const told = await explain(await play(ends));
  expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThanOrEqual(limits.explanationBytes);
  expect(told.failures.length).toBeGreaterThan(0);
  const alike = told.failures.reduce((sum, one) => sum + one.alike, told.failures.length);
  expect(alike + told.failures_left_out).toBe(all.length);
  expect(() => ExplainedRun.parse(told)).not.toThrow();
});

test('what is in quarantine comes last, apart from others with the same error', async () => {
  const { queue, explain, play } = await openLab();
  const boom = [{ name: 'pays', message: 'expected 3 to be 4' }];
  const run = await play({ a: boom, b: boom, c: boom, d: boom });
  await queue.deps.sql.write([
    { sql: `UPDATE jobs SET quarantines = '[["qua_1","@ann",9]]' WHERE test_path IN ('a', 'c')` },
  ]);
  expect((await explain(run)).failures).toMatchObject([
    { test_path: 'b', quarantined: false, alike: 1 },
    { test_path: 'a', quarantined: true, alike: 1 },
  ]);
});
