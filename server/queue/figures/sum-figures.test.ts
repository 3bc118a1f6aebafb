import { expect, test } from 'vitest';
import type { Figures } from '../../../protocol/shapes/figures.ts';
import { everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { finishAttempt } from '../attempts/finish-attempt.ts';
import { startAttempt } from '../attempts/start-attempt.ts';
import { reportInstalled } from '../leases/report-installed.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import type { Meter } from '../store/meter.ts';
import { readFigures, sumFigures } from './index.ts';
import { bucketOf, spreadOf } from './sums.ts';

/** A run of three tests: one waits 2 s and fails after 60 s; the others pass after 10 s each. */
async function oneRun(queue: TestQueue, orgId = 'acme') {
  const { deps } = queue;
  await queue.submit({ tests: ['a', 'b', 'c'], retry_failed_tests: 0, org_id: orgId });
  queue.advance(2000);
  const agent = await queue.agent(`rack-${orgId}`, ['emulator'], { owner: orgId });
  let isFirst = true;
  for (let lease = await agent.take(); lease; lease = await agent.take()) {
    if (lease.install)
      await reportInstalled(deps, everyone, lease.lease_id, { ok: true, duration_ms: 30_000, installs: 1 });
    for (const job of lease.jobs) {
      const ref = { leaseId: lease.lease_id, jobId: job.job_id, attempt: 1 };
      await startAttempt(deps, everyone, ref);
      const ms = isFirst ? 60_000 : 10_000;
      queue.advance(ms);
      const tests = [{ name: 't', status: isFirst ? 'failed' : 'passed', duration_ms: 1 } as const];
      const verdict = isFirst ? 'failed' : 'passed';
      await finishAttempt(deps, everyone, ref, { attempt: 1, verdict, duration_ms: ms, tests });
      isFirst = false;
    }
  }
}

const sumAll = async (queue: TestQueue, deps = queue.deps) => {
  while (await sumFigures(deps));
};
const figuresOf = (queue: TestQueue, orgId: string | null = null, window: Figures['window'] = '1h') =>
  readFigures(queue.deps, orgId, window, { emulator: 1 });

test('what was done is summed up: jobs, runs, times, installs saved, use of devices', async () => {
  const queue = await openTestQueue();
  await oneRun(queue);
  await sumAll(queue);
  const figures = await figuresOf(queue);
  expect(figures).toMatchObject({
    ...{ jobs: 3, runs: 1, success: 0.667, installs: 1, installs_saved: 2, install_ms_saved: 60_000 },
    test: { n: 3, mean_ms: 26_667 },
    wait: { n: 3 },
    feedback: { n: 1 },
    orgs: [{ org_id: 'acme', jobs: 3, passed: 2, failed: 1, success: 0.667 }],
    targets: [{ target: 'emulator', jobs: 3, queued: 0 }],
  });
  const near = (ms: number | null, about: number) =>
    expect(Math.abs((ms ?? 0) - about)).toBeLessThan(about / 20);
  near(figures.test.p50_ms, 10_000);
  near(figures.test.p95_ms, 60_000);
  near(figures.feedback.p50_ms, 82_000);
  expect(figures.targets[0]?.use).toBeCloseTo(
    80 / ((Date.parse(figures.to) - Date.parse(figures.from)) / 1000),
    3,
  );
  expect(figures.jobs_per_minute).toBeCloseTo(
    3 / ((Date.parse(figures.to) - Date.parse(figures.from)) / 60_000),
    3,
  );
});

test('each event is summed up once, also by several servers at once and at every repeat', async () => {
  const queue = await openTestQueue();
  await oneRun(queue);
  await queue
    .submit({ tests: ['x'] })
    .then(({ run }) => cancelRun(queue.deps, run.run_id, { orgId: undefined }));
  const counted: string[] = [];
  const meter: Meter = {
    count: (name, labels) => void counted.push(`${name} ${JSON.stringify(labels)}`),
    time: () => undefined,
  };
  const deps = { ...queue.deps, meter };
  await Promise.all([1, 2, 3].map(() => sumAll(queue, deps)));
  await sumAll(queue, deps);
  expect(await figuresOf(queue)).toMatchObject({
    jobs: 4,
    runs: 2,
    orgs: [{ passed: 2, failed: 1, cancelled: 1 }],
  });
  expect(counted.filter((one) => one.startsWith('jobsFinished'))).toHaveLength(4);
  expect(counted.filter((one) => one.startsWith('runsFinished'))).toHaveLength(2);
});

test('time in sessions of a provider is summed up, whatever its attempts came to', async () => {
  const queue = await openTestQueue();
  await queue.submit({ tests: ['a', 'b'], retry_failed_tests: 0 });
  const agent = await queue.agent('rack', ['emulator']);
  const provider = { name: 'cloud', session_id: 's', url: 'https://cloud.example/s' };
  const verdicts = [
    { verdict: 'passed' },
    { verdict: 'error', error_class: 'rejected', error: 'no' },
  ] as const;
  const lease = await agent.mustTake();
  for (const [n, { job_id: jobId }] of lease.jobs.entries()) {
    const ref = { leaseId: lease.lease_id, jobId, attempt: 1 };
    await startAttempt(queue.deps, everyone, ref);
    queue.advance(1000);
    const verdict = verdicts[n] ?? verdicts[0];
    await finishAttempt(queue.deps, everyone, ref, { attempt: 1, duration_ms: 30_000, provider, ...verdict });
  }
  await sumAll(queue);
  expect(lease.jobs).toHaveLength(2);
  const figures = await figuresOf(queue);
  expect([figures.cloud_ms, figures.targets[0]?.cloud_ms]).toEqual([60_000, 60_000]);
});

test('an org sees its own figures, the operator those of all', async () => {
  const queue = await openTestQueue();
  await oneRun(queue, 'acme');
  await oneRun(queue, 'rival');
  await sumAll(queue);
  expect(await figuresOf(queue, 'acme')).toMatchObject({ jobs: 3, orgs: [{ org_id: 'acme' }] });
  expect((await figuresOf(queue)).orgs.map((one) => one.org_id)).toEqual(['acme', 'rival']);
  expect(await figuresOf(queue, 'nobody')).toMatchObject({ jobs: 0, success: null, orgs: [], targets: [] });
});

test('windows forget: an hour, a day, a week, a month; and old rows are deleted', async () => {
  const queue = await openTestQueue();
  await oneRun(queue);
  await sumAll(queue);
  queue.advance(2 * 3_600_000);
  const jobs = async () =>
    Promise.all(
      (['1h', '24h', '7d', '30d'] as const).map(
        async (window) => (await figuresOf(queue, null, window)).jobs,
      ),
    );
  expect(await jobs()).toEqual([0, 3, 3, 3]);
  queue.advance(24 * 3_600_000);
  expect(await jobs()).toEqual([0, 0, 3, 3]);
  queue.advance(8 * 24 * 3_600_000);
  await oneRun(queue);
  await sumAll(queue);
  expect(await jobs()).toEqual([3, 3, 3, 6]);
  const [row] = await queue.deps.sql.read(
    'SELECT count(DISTINCT starts_at) AS n FROM figures WHERE span = 60',
  );
  expect(row?.n).toBe(1);
});

test('percentiles are off by 5 % at most, from 1 ms to a day', () => {
  for (const ms of [20, 999, 12_345, 3_600_000, 86_400_000]) {
    const { p50_ms: p50 } = spreadOf({ [bucketOf(ms)]: 1 });
    expect(Math.abs((p50 ?? 0) - ms) / ms).toBeLessThan(0.05);
  }
  expect(spreadOf({}).p50_ms).toBeNull();
  expect(spreadOf({ [bucketOf(0)]: 3 })).toEqual({ n: 3, mean_ms: 0, p50_ms: 0, p95_ms: 0 });
});

test('a hunt counts in nothing but the use of devices and the time at providers', async () => {
  const queue = await openTestQueue();
  await oneRun(queue);
  await sumAll(queue);
  const before = await figuresOf(queue);
  const agent = await queue.agent('rack-acme', ['emulator'], { owner: 'acme' });
  await queue.submit({ tests: ['h'], hunt_times: 2 });
  queue.advance(30_000);
  for (const verdict of ['failed', 'passed'] as const) {
    const lease = await agent.mustTake();
    const ref = { leaseId: lease.lease_id, jobId: lease.jobs[0]?.job_id ?? '', attempt: 1 };
    await startAttempt(queue.deps, everyone, ref);
    queue.advance(50_000);
    const provider = { name: 'cloud', session_id: '1', url: 'https://cloud.example/1' };
    await finishAttempt(queue.deps, everyone, ref, { attempt: 1, verdict, duration_ms: 50_000, provider });
  }
  await sumAll(queue);
  const {
    from: _from,
    to: _to,
    targets,
    cloud_ms,
    jobs_per_minute: _rate,
    ...after
  } = await figuresOf(queue);
  const {
    from: _f,
    to: _t,
    targets: targetsBefore,
    cloud_ms: cloudBefore,
    jobs_per_minute: _r,
    ...rest
  } = before;
  expect(after).toEqual(rest);
  expect([cloudBefore, cloud_ms]).toEqual([0, 100_000]);
  expect(targets[0]).toMatchObject({
    jobs: 3,
    success: targetsBefore[0]?.success,
    test: targetsBefore[0]?.test,
  });
  expect(targets[0]?.use).toBeGreaterThan(targetsBefore[0]?.use ?? 1);
});
