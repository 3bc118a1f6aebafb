import { expect, test } from 'vitest';
import { openTestQueue } from '../../../test/support/queue.ts';
import type { Deps } from './deps.ts';
import { inReservedRoom, reserveStorage } from './reserve-storage.ts';

const hour = 3_600_000;

/** An org that may store ten bytes, unless told otherwise. */
async function openLab(quotas: object = { storage_bytes: 10 }) {
  const { deps, advance, submit } = await openTestQueue();
  await submit({});
  await deps.sql.write([{ sql: 'UPDATE orgs SET quotas = ?', args: [JSON.stringify(quotas)] }]);
  const upload = (id: string, bytes: number, more = {}) => ({ orgId: 'acme', id, bytes, ...more });
  const plan = (bytes: number) => reserveStorage(deps, upload('plan', bytes, { forMs: 12 * hour }));
  /** Fails unless there is room for so many bytes more, and no byte beside. */
  const expectLeft = async (bytes: number) => {
    await expect(inReservedRoom(deps, upload('probe', bytes + 1), async () => 0)).rejects.toMatchObject({
      code: 'rate_limited',
    });
    await inReservedRoom(deps, upload('probe', bytes), async () => 0);
  };
  return { deps, advance, upload, plan, expectLeft };
}

const cut = async () => {
  throw new Error('cut');
};

test('an upload that goes on with a plan has its room, and gives it back where it fails', async () => {
  const { deps, upload, plan, expectLeft } = await openLab();
  await plan(6);
  await inReservedRoom(deps, upload('other', 1), () => expectLeft(3));
  const failed = inReservedRoom(deps, upload('one', 8, { planId: 'plan' }), async () => {
    await expectLeft(2);
    return cut();
  });
  await expect(failed).rejects.toThrow('cut');
  await expectLeft(4);
  await inReservedRoom(deps, upload('one', 6, { planId: 'plan' }), () => expectLeft(4));
  await expectLeft(10);
});

test('of several that go on with it one has its room', async () => {
  const { deps, upload, plan, expectLeft } = await openLab();
  await plan(4);
  const one = (id: string, work: () => Promise<void>) =>
    inReservedRoom(deps, upload(id, 4, { planId: 'plan' }), work);
  await one('first', async () => {
    await expectLeft(6);
    await expect(one('second', () => expectLeft(2).then(cut))).rejects.toThrow('cut');
    await expectLeft(6);
  });
  await expectLeft(10);
});

test('a completion that fails leaves the plan its room, and takes along what it took itself', async () => {
  const { deps, advance, upload, plan, expectLeft } = await openLab();
  await plan(6);
  await expect(inReservedRoom(deps, upload('plan', 6), cut)).rejects.toThrow('cut');
  await expectLeft(4);
  advance(12 * hour);
  await expect(inReservedRoom(deps, upload('plan', 6), cut)).rejects.toThrow('cut');
  await expectLeft(10);
});

test('an org without a quota costs one read and no write', async () => {
  const { deps, upload } = await openLab({});
  const calls: string[] = [];
  const noted = <K extends 'read' | 'write'>(name: K): Deps['sql'][K] =>
    ((...args: never) => {
      calls.push(name);
      return (deps.sql[name] as (...all: never) => unknown)(...args);
    }) as Deps['sql'][K];
  const sql = { ...deps.sql, read: noted('read'), write: noted('write') };
  const work = async () => void calls.push('work');
  await inReservedRoom({ ...deps, sql }, upload('one', 8, { planId: 'plan' }), work);
  expect(calls).toEqual(['read', 'work']);
});
