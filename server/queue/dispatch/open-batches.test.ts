import { createClient } from '@libsql/client';
import { expect, test } from 'vitest';
import { copyTemplate, openTestQueue, type TestQueue } from '../../../test/support/queue.ts';
import { patchOrg } from '../orgs/orgs.ts';
import { behindSql, findBehind, hasBehind, isNear, nearRows, type Order } from './open-batches.ts';

const orders: readonly Order[] = ['tag', 'due_at'];
const operator = { orgId: undefined };

/**
 * More batches of one org than are read as near, each of an app version of its own; then one batch of each other org.
 */
async function openFlooded(): Promise<TestQueue> {
  const queue = await openTestQueue();
  for (let n = 0; n < nearRows + 6; n += 1) {
    queue.advance(1);
    await queue.submit({ org_id: 'flood', app_version_id: `v${n}` });
  }
  for (const orgId of ['first', 'second', 'third']) {
    queue.advance(1000);
    await queue.submit({ org_id: orgId, priority: 1 });
  }
  return queue;
}

/** The orgs and app versions of the batches that are found behind the near ones. */
async function orgsBehind(queue: TestQueue, order: Order, most: number): Promise<string[]> {
  const ids = await findBehind(queue.deps, 1, order, most);
  const rows = await queue.deps.sql.read(
    'SELECT b.org_id FROM json_each(?) i CROSS JOIN batches b ON b.id = i.value ORDER BY i.key',
    [JSON.stringify(ids)],
  );
  return rows.map((row) => String(row.org_id));
}

test.each(orders)('a read of the first by %s passes over a limited number of batches', async (order) => {
  const queue = await openFlooded();
  const near = await queue.deps.sql.read(
    `SELECT b.id FROM batches b WHERE b.pool_id = ?1 AND b.queued > 0 AND b.held = 0 AND ${isNear(order)}`,
    [1],
  );
  expect(near.length).toBe(nearRows);
});

test('a read of the overdue batches is limited by the instant too', async () => {
  const queue = await openFlooded();
  const [due] = await queue.deps.sql.read('SELECT min(due_at) AS first FROM batches');
  const near = await queue.deps.sql.read(
    `SELECT b.id FROM batches b WHERE b.pool_id = ?1 AND b.queued > 0 AND b.held = 0 AND ${isNear('due_at', '?2')}`,
    [1, Number(due?.first) + 9],
  );
  expect(near.length).toBe(10);
  // Behind them no batch is overdue.
  expect(await hasBehind(queue.deps, 1, 'due_at', Number(due?.first) + 9)).toBe(false);
  expect(await hasBehind(queue.deps, 1, 'due_at')).toBe(true);
});

test.each(orders)('what is behind them is found by %s, without orgs that may not lease', async (order) => {
  const queue = await openFlooded();
  expect(await orgsBehind(queue, order, 3)).toEqual(['flood', 'first', 'second']);
  await patchOrg(queue.deps, 'flood', { max_leases: 0 }, operator);
  expect(await orgsBehind(queue, order, 2)).toEqual(['first', 'second']);
  await patchOrg(queue.deps, 'first', { paused: true }, operator);
  await patchOrg(queue.deps, 'second', { paused_targets: ['emulator'] }, operator);
  expect(await orgsBehind(queue, order, 2)).toEqual(['third']);
  await patchOrg(queue.deps, 'third', { paused_targets: ['device'] }, operator);
  expect(await orgsBehind(queue, order, 2)).toEqual(['third']);
});

test('of one open org as many are found as are wanted', async () => {
  const queue = await openFlooded();
  for (const orgId of ['first', 'second', 'third'])
    await patchOrg(queue.deps, orgId, { paused: true }, operator);
  expect(await orgsBehind(queue, 'tag', 5)).toEqual(Array(5).fill('flood'));
});

test('where every batch is near, there is nothing behind', async () => {
  const queue = await openTestQueue();
  await queue.submit({});
  expect(await hasBehind(queue.deps, 1, 'tag')).toBe(false);
});

test.each(orders)('neither read by %s scans batches', async (order) => {
  const near = `SELECT b.id FROM batches b WHERE b.pool_id = ?1 AND b.queued > 0 AND b.held = 0 AND ${isNear(order)}
    ORDER BY b.${order} LIMIT ?2`;
  const client = createClient({ url: `file:${copyTemplate()}` });
  for (const sql of [near, behindSql(order)]) {
    const { rows } = await client.execute(`EXPLAIN QUERY PLAN ${sql}`);
    const details = rows.map((row) => String(row.detail));
    expect(details.filter((detail) => /^SCAN (batches|b|f|n)\b/.test(detail))).toEqual([]);
    expect(details.join()).toMatch(
      /SEARCH f USING INDEX batches_orgs|SEARCH b USING INDEX batches_(cold|due)/,
    );
  }
  client.close();
});
