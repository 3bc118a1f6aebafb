import { expect, test } from 'vitest';
import { everyone, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { queueDue } from '../dispatch/tick.ts';
import { releaseLease } from '../leases/release-lease.ts';

const speed = 1.35;
// A test of an unknown org takes 10 s, an install that was never measured 30 s.
const cost = 40_000;

/** The stored pools, and the weight that they should have: that of the `served` batches. */
const pools = (queue: TestQueue) =>
  queue.deps.sql.read(
    `SELECT owner, v, v_at, virtual_weight, count(b.id) AS served, coalesce(sum(b.weight), 0) AS sum
     FROM pools p LEFT JOIN batches b ON b.pool_id = p.id AND virtual = 1 GROUP BY p.id ORDER BY owner`,
  );

async function tagOf(queue: TestQueue, runId: string): Promise<number> {
  const [row] = await queue.deps.sql.read('SELECT tag FROM batches WHERE run_id = ?', [runId]);
  return Number(row?.tag);
}

/** The tag of one more run, of a new org. */
async function submitTag(queue: TestQueue, orgId: string, more: object = {}): Promise<number> {
  const { run } = await queue.submit({ org_id: orgId, ...more });
  return tagOf(queue, run.run_id);
}

test('the first batch of a new target has its weight in the clock from the start', async () => {
  const queue = await openTestQueue();
  expect(await submitTag(queue, 'first')).toBe(cost);
  expect(await pools(queue)).toMatchObject([{ v: 0, v_at: queue.deps.now(), virtual_weight: 1 }]);
  queue.advance(10_000);
  expect(await submitTag(queue, 'second')).toBeCloseTo(10_000 * speed + cost);
});

test('so have the first batches that come in one turn', async () => {
  const queue = await openTestQueue();
  await Promise.all(['a', 'b', 'c'].map((org) => queue.submit({ org_id: org })));
  expect(await pools(queue)).toMatchObject([{ virtual_weight: 3, sum: 3 }]);
});

test('a clock that passes batches goes on by the weight of the rest', async () => {
  const queue = await openTestQueue();
  await submitTag(queue, 'light', { tests: ['a', 'b'] });
  await submitTag(queue, 'heavy');
  // Both share the pool until V is 40 s; from then on the batch that is left has it alone.
  queue.advance(Math.round((cost * 2) / speed) + 5000);
  await submitTag(queue, 'third');
  const [pool] = await pools(queue);
  expect(pool?.v).toBeCloseTo(cost + 5000 * speed, -1);
  expect(pool).toMatchObject({ virtual_weight: 2, sum: 2 });
});

test('no batch is lost where many have one tag', async () => {
  const queue = await openTestQueue();
  await Promise.all(Array.from({ length: 70 }, (_, n) => queue.submit({ org_id: `org${n}` })));
  await submitTag(queue, 'late', { priority: 1 });
  const late = 1.4 ** -4;
  queue.advance(Math.round((cost * (70 + late)) / speed) + 5000);
  expect(await submitTag(queue, 'next')).toBeCloseTo(cost + (5000 * speed) / late + cost, -1);
});

test('a batch that changes its pool keeps its distance to the clock, by both clocks as they are now', async () => {
  const queue = await openTestQueue();
  const { run } = await queue.submit({ org_id: 'acme' });
  await queue.submit({ org_id: 'other' });
  queue.advance(10_000);
  await queue.agent('own', ['emulator'], { owner: 'acme' });
  // For ten seconds two batches shared the pool.
  const left = cost - (10_000 * speed) / 2;
  expect(await tagOf(queue, run.run_id)).toBeCloseTo(left);
  expect(await pools(queue)).toMatchObject([
    { owner: '', virtual_weight: 1, sum: 1 },
    { owner: 'acme', v: 0, v_at: queue.deps.now(), virtual_weight: 1, sum: 1 },
  ]);
  queue.advance(1000);
  expect(await submitTag(queue, 'acme', { app_version_id: 'v2' })).toBeCloseTo(
    1000 * speed + cost * Math.SQRT2,
  );
});

test('a delayed batch has no part in the clock before it comes, and ranks as if it were submitted then', async () => {
  const queue = await openTestQueue();
  const delayed = await queue.submit({ org_id: 'later', delay_ms: 15_000 });
  await submitTag(queue, 'now');
  queue.advance(10_000);
  expect(await submitTag(queue, 'next')).toBeCloseTo(10_000 * speed + cost);
  queue.advance(5000);
  await queueDue(queue.deps);
  const v = 10_000 * speed + (5000 * speed) / 2;
  expect(await tagOf(queue, delayed.run.run_id)).toBeCloseTo(v + cost);
  expect(await pools(queue)).toMatchObject([{ virtual_weight: 3, sum: 3 }]);
});

test('a delayed batch that is cancelled was never in the clock', async () => {
  const queue = await openTestQueue();
  await queue.submit({ delay_ms: 15_000 });
  expect(await pools(queue)).toMatchObject([{ virtual_weight: 0, sum: 0 }]);
});

test('a choice writes down a clock that has passed many batches, so that the next one need not pass them again', async () => {
  // In virtual time there are no heartbeats.
  const queue = await openTestQueue({ leaseTtlMs: 1e12 });
  const agent = await queue.agent('rack', ['emulator']);
  await Promise.all(Array.from({ length: 1200 }, () => queue.submit({})));
  queue.advance(1e10);
  // One choice passes 1024 batches at most, so that it does not stop the server for long.
  const lease = await agent.mustTake();
  const [pool] = await pools(queue);
  expect(pool?.served).toBe(1200 - 1024);
  expect(pool?.virtual_weight).toBeCloseTo(Number(pool?.sum));
  await releaseLease(queue.deps, everyone, lease.lease_id);
  await agent.mustTake();
  expect(await pools(queue)).toMatchObject([{ v_at: queue.deps.now(), served: 0 }]);
});
