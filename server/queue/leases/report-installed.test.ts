import { expect, test } from 'vitest';
import { anyOrg, everyone, openTestQueue } from '../../../test/support/queue.ts';
import { errorEffects } from '../attempts/error-classes.ts';
import { queueDue } from '../dispatch/tick.ts';
import { listDevices } from '../fleet/list-fleet.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { readRun } from '../runs/read-run.ts';
import { releaseLease } from './release-lease.ts';
import { reportInstalled } from './report-installed.ts';

type Class = 'install_failed' | 'build_error' | 'capacity' | 'infra_error';

async function openGroup(tests = ['a', 'b'], targets = ['emulator', 'emulator', 'emulator']) {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', targets);
  const { run } = await queue.submit({ tests });
  const fail = async (device: number, error_class: Class, error = 'no space\nleft') => {
    const { lease_id } = await agent.mustTake(device);
    await reportInstalled(queue.deps, everyone, lease_id, {
      ok: false,
      duration_ms: 1,
      installs: 1,
      error_class,
      error,
    });
    return readRun(queue.deps, run.run_id, 0, anyOrg);
  };
  const wait = async (ms = 60_000) => {
    queue.advance(ms);
    await queueDue(queue.deps);
  };
  const rows = async (sql: string) => (await queue.deps.sql.read(sql)).map((row) => ({ ...row }));
  return { queue, agent, fail, wait, rows };
}

// A failed install has the same effects on job, device and group as a verdict of its class, but the job's budget is
// kept.
test.each([
  ['install_failed', 30_000, 1, 1],
  ['capacity', 45_000, 0, 0],
  ['infra_error', 7_500, 1, 1],
] as const)(
  '%s: it waits %i ms, strikes %i, counts %i for the group',
  async (errorClass, ms, strikes, failures) => {
    const { queue, agent, fail, rows } = await openGroup();
    const now = queue.deps.now();
    const { jobs } = await fail(0, errorClass);
    const rule = errorEffects[errorClass];
    expect(jobs.map(({ status, wait_reason, run_at }) => ({ status, wait_reason, run_at }))).toEqual(
      jobs.map(() => ({
        status: 'waiting',
        wait_reason: rule.wait?.reason,
        run_at: new Date(now + ms).toISOString(),
      })),
    );
    const budgets = 'failures + report_errors + test_failures + crashes + releases + attempt';
    const avoid = rule.avoidsDevice
      ? { avoid_device: agent.deviceIds[0], until: now + 60_000 }
      : { avoid_device: null, until: null };
    expect(
      await rows(`SELECT DISTINCT ${budgets} AS spent, avoid_device, avoid_until AS until FROM jobs`),
    ).toEqual([{ spent: 0, ...avoid }]);
    expect(await rows(`SELECT strikes FROM devices WHERE id = '${agent.deviceIds[0]}'`)).toEqual([
      { strikes },
    ]);
    expect(await rows('SELECT install_failures FROM groups')).toEqual([{ install_failures: failures }]);
    expect(await rows('SELECT state FROM leases')).toEqual([{ state: 'ended' }]);
  },
);

test('an infra_error of an install, then one on a second device, ends the group', async () => {
  const { fail, wait } = await openGroup();
  await fail(0, 'infra_error');
  await wait(20_000);
  expect(await fail(1, 'infra_error')).toMatchObject({
    status: 'errored',
    reason: 'app',
    counts: { errored: 2 },
  });
});

test('capacity may come as often as it likes', async () => {
  const { fail, wait, rows } = await openGroup(['a'], ['emulator']);
  for (let n = 0; n < 12; n += 1) {
    expect(await fail(0, 'capacity')).toMatchObject({ counts: { waiting: 1 } });
    await wait();
  }
  expect(await rows('SELECT strikes, benched_until FROM devices')).toEqual([
    { strikes: 0, benched_until: null },
  ]);
});

test('the backoff of an install grows with what the job has spent, and no further with installs', async () => {
  const { queue, fail, wait } = await openGroup(['a'], ['emulator']);
  await queue.deps.sql.write([{ sql: 'UPDATE jobs SET failures = 2, max_retries = 2' }]);
  const now = queue.deps.now();
  const { jobs } = await fail(0, 'infra_error');
  expect(jobs[0]).toMatchObject({
    status: 'waiting',
    failures: 2,
    run_at: new Date(now + 30_000).toISOString(),
  });
  await wait();
  expect((await fail(0, 'infra_error')).jobs[0]).toMatchObject({ status: 'waiting', failures: 2 });
});

test('three in a row bench the device, which says so and why', async () => {
  const { queue, agent } = await openGroup(['a'], ['emulator', 'emulator']);
  await queue.deps.sql.write([{ sql: 'UPDATE devices SET strikes = 2' }]);
  const { lease_id } = await agent.mustTake(0);
  const report = { ok: false, duration_ms: 1, installs: 1, error_class: 'infra_error' } as const;
  await reportInstalled(queue.deps, everyone, lease_id, {
    ...report,
    error: `adb: device offline\n${'x'.repeat(500)}`,
  });
  const devicesOf = async (orgId?: string) => (await listDevices(queue.deps, {}, { orgId })).rows;
  const [benched, other] = [0, 1].map((n) => agent.deviceIds[n]);
  const find = async (id: string | undefined, orgId?: string) =>
    (await devicesOf(orgId)).find((device) => device.device_id === id);
  expect(await find(benched)).toMatchObject({
    status: 'benched',
    status_reason:
      '3 infrastructure errors in a row; tried again at 00:10 UTC; the last: adb: device offline',
  });
  // On a shared device the error text may be of another org's app.
  expect(await find(benched, 'other')).toMatchObject({
    status_reason: '3 infrastructure errors in a row; tried again at 00:10 UTC',
  });
  expect(await find(other)).toMatchObject({ status: 'idle', status_reason: null });
  await queue.submit({ app_version_id: 'v2' });
  expect(await agent.take(0)).toBeUndefined();
  queue.advance(10 * 60_000);
  await queue.agent('rack', ['emulator', 'emulator']);
  expect(await find(benched)).toMatchObject({ status: 'idle', status_reason: null });
});

test('a run says what its installs took: from the org’s last one on at the submit, then by its own', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const install = async (version: string, duration_ms: number) => {
    const { run } = await queue.submit({ app_version_id: version, tests: ['a'] });
    const before = (await readRun(queue.deps, run.run_id, 0, anyOrg)).install_ms;
    const { lease_id } = await agent.mustTake(0);
    await reportInstalled(queue.deps, everyone, lease_id, { ok: true, installs: 1, duration_ms });
    const after = await readRun(queue.deps, run.run_id, 0, anyOrg);
    await releaseLease(queue.deps, everyone, lease_id);
    await cancelRun(queue.deps, run.run_id, anyOrg);
    return [before, after.install_ms];
  };
  expect(await install('v1', 8000)).toEqual([null, 8000]);
  expect(await install('v2', 4000)).toEqual([8000, 7000]);
});

test('an install that a cancelled run no longer waits for is counted for the other run of the lease', async () => {
  const queue = await openTestQueue();
  const agent = await queue.agent('rack', ['emulator']);
  const first = await queue.submit({ tests: ['a'] });
  const second = await queue.submit({ tests: ['b'] });
  const lease = await agent.mustTake();
  expect(lease.jobs).toHaveLength(2);
  await cancelRun(queue.deps, first.run.run_id, anyOrg);
  await reportInstalled(queue.deps, everyone, lease.lease_id, { ok: true, duration_ms: 10, installs: 1 });
  const installs = async (id: string) => (await readRun(queue.deps, id, 0, anyOrg)).installs;
  expect([await installs(first.run.run_id), await installs(second.run.run_id)]).toEqual([0, 1]);
});

test('of two reports of one install that come together only the first counts', async () => {
  const { queue, agent, rows } = await openGroup();
  const { lease_id } = await agent.mustTake(0);
  const result = { duration_ms: 1, installs: 1 };
  const failed = { ...result, ok: false, error_class: 'infra_error' as const, error: 'no answer' };
  await Promise.all([
    reportInstalled(queue.deps, everyone, lease_id, { ...result, ok: true }),
    reportInstalled(queue.deps, everyone, lease_id, failed),
  ]);
  expect(await rows('SELECT DISTINCT status, lease_id FROM jobs')).toEqual([
    { status: 'scheduled', lease_id },
  ]);
  expect(await rows('SELECT state FROM leases')).toEqual([{ state: 'active' }]);
  expect(await rows('SELECT installs FROM runs')).toEqual([{ installs: 1 }]);
  expect(await rows(`SELECT strikes FROM devices WHERE id = '${agent.deviceIds[0]}'`)).toEqual([
    { strikes: 0 },
  ]);
});
