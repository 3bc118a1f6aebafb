import { expect, test } from 'vitest';
import type { FinishJob } from '../../../protocol/shapes/agent.ts';
import { everyone, openTestQueue, type TestAgent, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { explainJob } from '../runs/explain-job.ts';

type Verdict = Pick<FinishJob, 'verdict'> & Partial<FinishJob>;

const pass: Verdict = {
  verdict: 'passed',
  tests: [{ id: 'x', name: 'x', status: 'passed', duration_ms: 1 }],
};
const failure: Verdict = {
  verdict: 'failed',
  tests: [{ id: 'x', name: 'x', status: 'failed', duration_ms: 1 }],
};

/** Ends all queued jobs; answers their test paths in the order in which the device got them. */
async function workOff(
  { deps, advance }: TestQueue,
  agent: TestAgent,
  verdictOf: (path: string) => Verdict = () => pass,
): Promise<string[]> {
  const order: string[] = [];
  for (let lease = await agent.take(); lease; lease = await agent.take()) {
    for (const job of lease.jobs) {
      order.push(job.test_path);
      advance(1000);
      const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: job.next_attempt };
      // `t7` takes 8 s.
      const duration_ms = (Number(/\d+/.exec(job.test_path)?.[0] ?? 0) + 1) * 1000;
      await finishAttempt(deps, everyone, ref, {
        attempt: ref.attempt,
        duration_ms,
        ...verdictOf(job.test_path),
      });
    }
  }
  return order;
}

const tests = ['t0', 't1', 't2', 't3', 't4'];
const longestFirst = tests.toReversed();
const body = { tests, retry_failed_tests: 0, max_retries: 0 };

async function openHistory() {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  /** Runs all of them once; answers their order. */
  const run = async (more: object = {}, verdictOf?: (path: string) => Verdict) => {
    await queue.submit({ ...body, ...more });
    return workOff(queue, agent, verdictOf);
  };
  await run();
  expect(await run()).toEqual(longestFirst);
  return { queue, agent, run };
}

test('what failed last comes first, the most recent failure before the others; then what is new; then the longest', async () => {
  const { run } = await openHistory();
  await run({}, (path) => (path === 't3' || path === 't1' ? failure : pass));
  // `t1` is shorter than `t3`, so it ran and failed after it.
  expect(await run({ tests: [...tests, 'new'] })).toEqual(['t1', 't3', 'new', 't4', 't2', 't0']);
  // All have passed since.
  expect(await run()).toEqual(longestFirst);
});

test('its place in the queue says the same', async () => {
  const { queue, run } = await openHistory();
  await run({}, (path) => (path === 't0' ? failure : pass));
  const { jobs } = await queue.submit({ ...body, tests: [...tests, 'new'] });
  const whys = await Promise.all(jobs.map(({ job_id }) => explainJob(queue.deps, job_id, { orgId: 'acme' })));
  expect(whys.map(({ position }) => position)).toEqual([1, 6, 5, 4, 3, 2]);
});

test('a failure is forgotten by a pass, also by one of the failed tests alone, and by nothing else', async () => {
  const { run } = await openHistory();
  const failT0 = (path: string) => (path === 't0' ? failure : pass);
  await run({}, failT0);
  const error = { verdict: 'error', error_class: 'rejected' } as const;
  expect(await run({}, () => error)).toEqual(['t0', 't4', 't3', 't2', 't1']);
  expect((await run({}, () => error))[0]).toBe('t0');
  let attempts = 0;
  const passesAlone = (path: string): Verdict => {
    if (path !== 't0') return pass;
    attempts += 1;
    return attempts === 1 ? { ...failure, only: ['x'] } : { ...pass, retried_tests: 1 };
  };
  await run({ retry_failed_tests: 1 }, passesAlone);
  expect(attempts).toBe(2);
  expect(await run()).toEqual(longestFirst);
});

test('a failure that a retry mends was none', async () => {
  const { run } = await openHistory();
  const seen = new Set<string>();
  const flaky = (path: string) => {
    const isFirst = !seen.has(path);
    seen.add(path);
    return path === 't0' && isFirst ? failure : pass;
  };
  await run({ retry_failed_tests: 1 }, flaky);
  expect(await run()).toEqual(longestFirst);
});

test('a failure counts for the org, the repository and the target in which it failed', async () => {
  const { queue, agent, run } = await openHistory();
  const github = (repository_id: string) => ({
    github: {
      ...{ repository: 'acme/app', repository_id, sha: 'a'.repeat(40), ref: 'r', event_name: 'push' },
      ...{ workflow: 'w', job: 'j', check_name: 'c', run_id: '1', run_attempt: 1 },
    },
  });
  const failT0 = (path: string) => (path === 't0' ? failure : pass);
  await run(github('7'), failT0);
  await run({ org_id: 'other' }, failT0);
  const phone = await queue.agent('phones', ['device']);
  await queue.submit({ ...body, target: 'device' });
  await workOff(queue, phone, failT0);
  expect(await run()).toEqual(longestFirst);
  for (const more of [github('7'), { org_id: 'other' }]) expect((await run(more))[0]).toBe('t0');
  await queue.submit({ ...body, target: 'device' });
  expect((await workOff(queue, phone))[0]).toBe('t0');
  expect(await workOff(queue, agent)).toEqual([]);
});

test('the history stays when the runs are gone', async () => {
  const { queue, run } = await openHistory();
  await run({}, (path) => (path === 't2' ? failure : pass));
  await queue.deps.sql.write(
    ['attempts', 'jobs', 'batches', 'runs'].map((table) => ({ sql: `DELETE FROM ${table}` })),
  );
  expect((await run())[0]).toBe('t2');
});
