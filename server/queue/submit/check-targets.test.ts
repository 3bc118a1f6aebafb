import { expect, test } from 'vitest';
import { anyOrg, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { expireQueued, queueDue } from '../dispatch/tick.ts';
import { cancelRun } from '../runs/cancel-runs.ts';
import { readRun } from '../runs/read-run.ts';
import { retryRun } from '../runs/retry-runs.ts';
import { readJob } from '../store/read-job.ts';
import { nearest } from './check-targets.ts';

const minute = 60_000;
const runsOf = async (queue: TestQueue) =>
  Number((await queue.deps.sql.read('SELECT count(*) AS n FROM runs'))[0]?.n);

async function afterTime(queue: TestQueue, id: string | undefined, ms: number) {
  queue.advance(ms);
  await queueDue(queue.deps);
  await expireQueued(queue.deps);
  const { status, outcome, error } = await readJob(queue.deps, id ?? '', anyOrg);
  return { status, outcome, error };
}

test('a pool that no device has ever offered is refused by name, before anything is stored', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['device/pixel-8', 'emulator']);
  await expect(queue.submit({ target: 'device/pixle-8' }, 'key')).rejects.toMatchObject({
    code: 'no_device',
    message:
      'no device has ever offered device/pixle-8; near it are device/pixel-8; devices offer device/pixel-8, emulator; allow_no_device: true queues all the same',
    details: { target: 'device/pixle-8', near: ['device/pixel-8'] },
  });
  await expect(queue.submit({ targets: ['emulator', 'device/nope'] })).rejects.toMatchObject({
    code: 'no_device',
    details: { near: [] },
  });
  expect(await runsOf(queue)).toBe(0);
  // The refused submit has not used the key.
  expect(await queue.submit({ target: 'device/pixel-8' }, 'key')).toMatchObject({
    replayed: false,
    warnings: [],
  });
});

test('one that is refused does not touch those that are submitted in the same turn', async () => {
  const queue = await openTestQueue();
  await queue.agent('rack', ['device/pixel-8']);
  const targets = ['device/pixel-8', 'device/pixel-9', 'device/pixel-8'];
  const ended = await Promise.allSettled(targets.map((target) => queue.submit({ target })));
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(await runsOf(queue)).toBe(2);
});

test('allow_no_device queues all the same, and its jobs wait as long as any other', async () => {
  const queue = await openTestQueue();
  for (const target of ['device/pixel-8', 'browserstack']) {
    const { jobs, warnings } = await queue.submit({ target, allow_no_device: true });
    expect(warnings).toEqual([]);
    const id = jobs[0]?.job_id;
    expect(await afterTime(queue, id, 24 * 60 * minute - 1)).toMatchObject({ status: 'queued' });
    expect(await afterTime(queue, id, 2)).toMatchObject({ outcome: 'expired_in_queue' });
  }
});

test('a pool counts as offered after any device has offered it: a shared one, one of the org, one that is gone', async () => {
  const queue = await openTestQueue();
  await queue.agent('shared', ['device/shared']);
  await queue.agent('own', ['device/own'], { owner: 'acme' });
  await queue.agent('foreign', ['device/foreign'], { owner: 'other' });
  // The devices have other targets from now on, and their rows do not keep the old ones.
  await queue.agent('shared', ['emulator']);
  await queue.agent('own', ['emulator'], { owner: 'acme' });
  queue.advance(30 * 24 * 60 * minute);
  await queue.submit({ target: 'device/shared' });
  await queue.submit({ target: 'device/own' });
  await queue.submit({ target: 'device/shared', org_id: 'other' });
  const refusal = await queue.submit({ target: 'device/foreign' }).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'no_device' });
  expect(JSON.stringify(refusal)).not.toContain('device/foreign,');
  expect(refusal).toMatchObject({ details: { near: [] } });
  await expect(queue.submit({ target: 'device/own', org_id: 'other' })).rejects.toMatchObject({
    message: expect.not.stringContaining('offer device/own'),
  });
});

test('a plain target that nobody has offered yet is accepted with a warning, and ends after 15 minutes', async () => {
  const queue = await openTestQueue();
  const { run, jobs, warnings } = await queue.submit({ target: 'browserstack' }, 'key');
  const warning =
    'no device has offered browserstack yet: its jobs end as no_device after 15 minutes, unless one does';
  expect(warnings).toEqual([warning]);
  expect(await queue.submit({ target: 'browserstack' }, 'key')).toMatchObject({
    replayed: true,
    warnings: [warning],
  });
  const id = jobs[0]?.job_id;
  expect(await afterTime(queue, id, 15 * minute)).toMatchObject({ status: 'queued' });
  expect(await afterTime(queue, id, 1)).toEqual({
    status: 'errored',
    outcome: 'no_device',
    error:
      'no device has ever offered browserstack: start an agent with a device of this target, or mend the target',
  });
  expect(await readRun(queue.deps, run.run_id, 0, anyOrg)).toMatchObject({
    status: 'errored',
    reason: 'no_device',
  });
});

test('a device that offers the target meanwhile gives them the usual time, also those that come back late', async () => {
  const queue = await openTestQueue();
  const { jobs } = await queue.submit({ target: 'browserstack', tests: ['a', 'b'] });
  const [a, b] = jobs.map((job) => job.job_id);
  queue.advance(14 * minute);
  await queue.agent('late', ['browserstack']);
  expect(await afterTime(queue, a, 2 * minute)).toMatchObject({ status: 'queued' });
  expect(await afterTime(queue, b, 23 * 60 * minute)).toMatchObject({ status: 'queued' });
  expect(await afterTime(queue, a, 60 * minute)).toMatchObject({
    status: 'errored',
    outcome: 'expired_in_queue',
  });
  expect(await afterTime(queue, b, 0)).toMatchObject({ status: 'errored', outcome: 'expired_in_queue' });
});

test('a device of another org does not count', async () => {
  const queue = await openTestQueue();
  const { jobs } = await queue.submit({ target: 'browserstack' });
  await queue.agent('foreign', ['browserstack'], { owner: 'other' });
  expect(await afterTime(queue, jobs[0]?.job_id, 15 * minute + 1)).toMatchObject({ outcome: 'no_device' });
});

test('the 15 minutes of a delayed job begin when it is due', async () => {
  const queue = await openTestQueue();
  const { jobs } = await queue.submit({ target: 'browserstack', delay_ms: 60 * minute });
  const id = jobs[0]?.job_id;
  expect(await afterTime(queue, id, 60 * minute - 1)).toMatchObject({ status: 'waiting' });
  expect(await afterTime(queue, id, 15 * minute)).toMatchObject({ status: 'queued' });
  expect(await afterTime(queue, id, 2)).toMatchObject({ outcome: 'no_device' });
});

test('a queue timeout that was given rules instead', async () => {
  const queue = await openTestQueue();
  for (const wait of [minute, 60 * minute]) {
    const { jobs, warnings } = await queue.submit({ target: 'browserstack', queue_timeout_ms: wait });
    expect(warnings).toEqual([
      'no device has offered browserstack yet: its jobs wait for one until their queue timeout',
    ]);
    const id = jobs[0]?.job_id;
    expect(await afterTime(queue, id, wait)).toMatchObject({ status: 'queued' });
    expect(await afterTime(queue, id, 1)).toMatchObject({ outcome: 'expired_in_queue' });
  }
});

test('a retry keeps allow_no_device, and without it is checked again', async () => {
  const queue = await openTestQueue();
  const allowed = await queue.submit({ target: 'device/none', allow_no_device: true });
  const plain = await queue.submit({ target: 'browserstack' });
  for (const { run } of [allowed, plain]) await cancelRun(queue.deps, run.run_id, anyOrg);
  expect((await retryRun(queue.deps, { id: allowed.run.run_id }, anyOrg)).warnings).toEqual([]);
  expect((await retryRun(queue.deps, { id: plain.run.run_id }, anyOrg)).warnings).toHaveLength(1);
  await queue.agent('rack', ['browserstack']);
  const { run } = await retryRun(queue.deps, { id: plain.run.run_id }, anyOrg);
  expect(run).toMatchObject({ retry_of: plain.run.run_id });
});

test('of more jobs than one pass takes, each ends or is given its time', async () => {
  const queue = await openTestQueue();
  const tests = Array.from({ length: 1201 }, (_, n) => `t${n}`);
  const lost = await queue.submit({ target: 'browserstack', tests, org_id: 'lost' });
  const found = await queue.submit({ target: 'browserstack', tests, org_id: 'found' });
  await queue.agent('own', ['browserstack'], { owner: 'found' });
  queue.advance(15 * minute + 1);
  for (let n = 0; n < 8; n += 1) await expireQueued(queue.deps);
  expect((await readRun(queue.deps, lost.run.run_id, 0, anyOrg)).counts).toMatchObject({ errored: 1201 });
  expect((await readRun(queue.deps, found.run.run_id, 0, anyOrg)).counts).toMatchObject({ queued: 1201 });
});

test.each([
  ['device/pixle-8', ['device/pixel-8', 'device/pixel-7', 'device/pixel-8a']],
  ['device/PIXEL-8', ['device/pixel-8', 'device/pixel-7', 'device/pixel-8a']],
  ['device/pixel8', ['device/pixel-8', 'device/pixel-7', 'device/pixel-8a']],
  ['emulator/api-35', []],
])('near %s by name are %j', (target, expected) => {
  const offered = [
    'browserstack/galaxy-s24',
    'device/pixel-7',
    'device/pixel-8',
    'device/pixel-8a',
    'emulator',
  ];
  expect(nearest(target, offered).slice(0, 3)).toEqual(expected);
});
