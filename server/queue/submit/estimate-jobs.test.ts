import { expect, test } from 'vitest';
import { everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { releaseLease } from '../leases/release-lease.ts';
import { Coalescer } from '../store/coalescer.ts';
import type { Deps } from '../store/deps.ts';

const finish = (deps: Deps, leaseId: string, jobId: string, durationMs: number) =>
  finishAttempt(
    deps,
    everyone,
    { leaseId, jobId, attempt: 1 },
    {
      attempt: 1,
      verdict: 'passed',
      duration_ms: durationMs,
      tests: [{ name: 't', status: 'passed', duration_ms: durationMs }],
    },
  );

const github = {
  ...{ repository: 'acme/app', sha: 'a'.repeat(40), ref: 'r', event_name: 'push', workflow: 'w', job: 'j' },
  ...{ check_name: 'c', run_id: '1', run_attempt: 1 },
};

/** The stored durations: of each test, and the mean of the org. */
async function known(queue: TestQueue) {
  const tests = await queue.deps.sql.read('SELECT test_path, p80_ms FROM durations ORDER BY test_path');
  const [org] = await queue.deps.sql.read('SELECT mean_test_ms FROM orgs');
  return {
    tests: Object.fromEntries(tests.map((row) => [row.test_path, row.p80_ms])),
    mean: org?.mean_test_ms,
  };
}

/** The same queue, in which something happens between the reads and the write of a verb. */
const interrupted = (deps: Deps, happen: () => Promise<unknown>): Deps => ({
  ...deps,
  coalescer: new Coalescer(),
  sql: {
    ...deps.sql,
    write: async (statements) => {
      await happen();
      return deps.sql.write(statements);
    },
  },
});

test('a verdict teaches how long its test takes, and a new test of the org is expected to take the mean', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { jobs } = await queue.submit({ tests: ['a', 'b'] });
  const { lease_id: leaseId } = await agent.mustTake();
  await Promise.all(
    jobs.map((job, index) => finish(queue.deps, leaseId, job.job_id, index === 0 ? 2000 : 4000)),
  );
  expect(await known(queue)).toEqual({ tests: { a: 2000, b: 4000 }, mean: 3000 });
  const next = await queue.submit({ tests: ['a', 'c'] });
  const rows = await queue.deps.sql.read(
    'SELECT test_path, estimate_ms FROM jobs WHERE run_id = ? ORDER BY seq',
    [next.run.run_id],
  );
  expect(rows).toMatchObject([{ estimate_ms: 2000 }, { estimate_ms: 3000 }]);
});

test('the same path in two repositories of an org is two tests', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const from = (repository_id: string) => ({ github: { ...github, repository_id } });
  const estimateOf = async (body: object) => {
    const { run } = await queue.submit({ tests: ['a'], ...body });
    const [row] = await queue.deps.sql.read('SELECT estimate_ms FROM jobs WHERE run_id = ?', [run.run_id]);
    const { lease_id, jobs } = await agent.mustTake();
    return {
      ms: row?.estimate_ms,
      learn: (ms: number) => finish(queue.deps, lease_id, jobs[0]?.job_id ?? '', ms),
    };
  };
  await (await estimateOf(from('1'))).learn(2000);
  await queue.deps.sql.write([{ sql: 'UPDATE orgs SET mean_test_ms = 5000' }]);
  const second = await estimateOf(from('2'));
  expect(second.ms).toBe(5000);
  await second.learn(60_000);
  await queue.deps.sql.write([{ sql: 'UPDATE orgs SET mean_test_ms = 5000' }]);
  const unnamed = await estimateOf({});
  expect(unnamed.ms).toBe(5000);
  await unnamed.learn(7000);
  expect((await estimateOf(from('1'))).ms).toBe(2000);
  const rows = await queue.deps.sql.read(
    'SELECT repository_id, p80_ms FROM durations ORDER BY repository_id',
  );
  expect(rows.map((row) => ({ ...row }))).toEqual([
    { repository_id: '', p80_ms: 7000 },
    { repository_id: '1', p80_ms: 2000 },
    { repository_id: '2', p80_ms: 60_000 },
  ]);
});

test('a verdict that came too late teaches nothing', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { jobs } = await queue.submit({ tests: ['a'] });
  const { lease_id: leaseId } = await agent.mustTake();
  const late = interrupted(queue.deps, () => releaseLease(queue.deps, everyone, leaseId));
  await expect(finish(late, leaseId, jobs[0]?.job_id ?? '', 9000)).rejects.toMatchObject({
    code: 'lease_lost',
  });
  expect(await known(queue)).toEqual({ tests: {}, mean: null });
});

test('nor does one whose attempt another server has just ended', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const { jobs } = await queue.submit({ tests: ['a'] });
  const { lease_id: leaseId } = await agent.mustTake();
  const jobId = jobs[0]?.job_id ?? '';
  let isFirst = true;
  const second = interrupted(queue.deps, async () => {
    if (isFirst) await finish(queue.deps, leaseId, jobId, 2000);
    isFirst = false;
    queue.advance(1);
  });
  await finish(second, leaseId, jobId, 9000).catch(() => undefined);
  expect(await known(queue)).toEqual({ tests: { a: 2000 }, mean: 2000 });
});
