import { expect, test } from 'vitest';
import { LeaseOrgs } from './lease-orgs.ts';

/** All leases are of acme until they are gone; counts the reads. */
function setUp() {
  const state = { now: 0, reads: 0, isGone: false };
  const orgs = new LeaseOrgs(
    async () => {
      state.reads += 1;
      return state.isGone ? undefined : 'acme';
    },
    () => state.now,
  );
  return { orgs, state };
}

test('the org of a lease that this server gave costs no read, that of another one costs one an hour', async () => {
  const { orgs, state } = setUp();
  orgs.note('ours', 'acme');
  expect([await orgs.of('ours'), state.reads]).toEqual(['acme', 0]);
  for (let n = 0; n < 3; n += 1) expect(await orgs.of('foreign')).toBe('acme');
  expect(state.reads).toBe(1);
  state.now = 3_600_000;
  state.isGone = true;
  expect([await orgs.of('foreign'), await orgs.of('ours'), state.reads]).toEqual([undefined, undefined, 3]);
});

test('a lease that is gone costs one read in ten seconds, however often its token comes', async () => {
  const { orgs, state } = setUp();
  state.isGone = true;
  for (let n = 0; n < 100; n += 1) expect(await orgs.of('gone')).toBeUndefined();
  expect(state.reads).toBe(1);
  state.now = 10_000;
  await orgs.of('gone');
  expect(state.reads).toBe(2);
  // Another server has given it meanwhile: this one learns of that by its own lease.
  orgs.note('gone', 'acme');
  expect([await orgs.of('gone'), state.reads]).toEqual(['acme', 2]);
});

test('very many leases take a bounded room, and the newest are known', async () => {
  const { orgs, state } = setUp();
  for (let n = 0; n < 20_000; n += 1) orgs.note(`lease ${n}`, 'acme');
  await orgs.of('lease 19999');
  await orgs.of('lease 10000');
  expect(state.reads).toBe(0);
  await orgs.of('lease 9999');
  expect(state.reads).toBe(1);
});
