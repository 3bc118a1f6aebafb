import { expect, test } from 'vitest';
import {
  anyOrg,
  everyone,
  openTestQueue,
  type TestAgent,
  type TestQueue,
} from '../../../test/support/queue.ts';
import { listDevices, patchDevice } from '../fleet/index.ts';
import { explainJob } from '../runs/index.ts';
import { finishAttempt } from './finish-attempt.ts';
import { startAttempt } from './start-attempt.ts';

type Judge = (testPath: string, device: string, turn: number) => 'passed' | 'infra_error';

/** Runs jobs on these devices in turn until the jobs are gone, or the devices get none. */
async function work(queue: TestQueue, agents: readonly TestAgent[], judge: Judge): Promise<void> {
  const turns = new Map<TestAgent, number>();
  for (let idle = 0; idle < 3; idle += 1) {
    // Past every pause that a retry waits.
    queue.advance(60_000);
    for (const [index, agent] of agents.entries()) {
      const lease = await agent.take();
      for (const job of lease?.jobs ?? []) {
        idle = 0;
        const turn = turns.get(agent) ?? 0;
        turns.set(agent, turn + 1);
        const verdict = judge(job.test_path, `rack-${index}`, turn);
        const ref = { leaseId: lease?.lease_id ?? '', jobId: job.job_id, attempt: job.next_attempt };
        await startAttempt(queue.deps, everyone, ref);
        await finishAttempt(queue.deps, everyone, ref, {
          attempt: ref.attempt,
          duration_ms: 1000,
          ...(verdict === 'passed'
            ? { verdict }
            : { verdict: 'error', error_class: verdict, error: 'no luck' }),
        });
      }
    }
  }
}

async function startRacks(queue: TestQueue, count: number): Promise<TestAgent[]> {
  const agents: TestAgent[] = [];
  for (let n = 0; n < count; n += 1) agents.push(await queue.agent(`rack-${n}`, ['device']));
  return agents;
}

const submit = (queue: TestQueue, count: number) =>
  queue.submit({
    target: 'device',
    framework: 'command',
    tests: Array.from({ length: count }, (_, n) => `test-${n}`),
  });

/** The devices that are benched, heard of again after all that time. */
async function benched(queue: TestQueue): Promise<(string | null)[]> {
  await startRacks(queue, 3);
  const { rows } = await listDevices(queue.deps, {}, anyOrg);
  return rows.filter(({ status }) => status === 'benched').map((row) => row.status_reason);
}

/** Never three in a row, which alone would bench it for a while. */
const mostly: Judge = (_test, device, turn) =>
  device === 'rack-0' && turn % 3 !== 2 ? 'infra_error' : 'passed';

test('a device that fails 6 of 8 where the others fail none is benched until somebody resumes it', async () => {
  const queue = await openTestQueue();
  const racks = await startRacks(queue, 3);
  await submit(queue, 60);
  await work(queue, racks, mostly);
  expect(await benched(queue)).toEqual([
    '6 of its last 8 attempts failed as infrastructure, of the same app elsewhere 0 of 16: look at it, then resume it',
  ]);
  // Time alone does not bring it back.
  queue.advance(24 * 3_600_000);
  const { jobs } = await submit(queue, 1);
  for (const agent of racks.slice(1))
    await patchDevice(queue.deps, agent.deviceIds[0] ?? '', { paused: true }, anyOrg);
  await startRacks(queue, 3);
  expect(await racks[0]?.take()).toBeUndefined();
  const why = await explainJob(queue.deps, jobs[0]?.job_id ?? '', anyOrg);
  expect(why.blocked_by[0]?.message).toMatch(/d0: 6 of its last 8 attempts failed as infrastructure/);
  await patchDevice(queue.deps, racks[0]?.deviceIds[0] ?? '', { paused: false }, anyOrg);
  expect(await racks[0]?.take()).toMatchObject({ jobs: [{ test_path: 'test-0' }] });
});

test('errors of hunts that the server began by itself bench nobody', async () => {
  const queue = await openTestQueue();
  const racks = await startRacks(queue, 3);
  const { run } = await submit(queue, 60);
  await queue.deps.sql.write([
    { sql: `UPDATE runs SET quarantine_id = 'qua_1' WHERE id = ?`, args: [run.run_id] },
  ]);
  await work(queue, racks, mostly);
  // Nor do they add to what others tell of it.
  await submit(queue, 9);
  await work(queue, racks, (_path, device, turn) =>
    device === 'rack-0' && turn % 3 !== 2 ? 'infra_error' : 'passed',
  );
  expect(await benched(queue)).toEqual([]);
});

test('a bad test file benches nobody, and neither does an app that fails everywhere', async () => {
  const queue = await openTestQueue();
  const racks = await startRacks(queue, 3);
  await submit(queue, 40);
  await work(queue, racks, (path) => (path === 'test-3' ? 'infra_error' : 'passed'));
  expect(await benched(queue)).toEqual([]);
  await queue.submit({
    target: 'device',
    framework: 'command',
    app_version_id: 'v2',
    tests: Array.from({ length: 40 }, (_, n) => `test-${n}`),
  });
  await work(queue, racks, (_path, _device, turn) => (turn % 3 === 0 ? 'passed' : 'infra_error'));
  // Some rest a while after three errors in a row.
  expect((await benched(queue)).join()).not.toMatch(/elsewhere/);
});
