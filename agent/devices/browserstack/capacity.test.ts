import { expect, test } from 'vitest';
import type { Plan } from './api/read-plan.ts';
import { StackError } from './api/stack-error.ts';
import { Capacity } from './capacity.ts';

/** An account whose plan and clock the test sets, and slots that are looked at. */
function openAccount(plan: Partial<Plan> = {}) {
  const state = {
    now: 0,
    reads: 0,
    plan: { running: 0, max: 5, queued: 0, ...plan },
    error: undefined as Error | undefined,
  };
  const capacity = new Capacity({
    readPlan: async () => {
      state.reads += 1;
      if (state.error) throw state.error;
      return { ...state.plan };
    },
    now: () => state.now,
    random: () => 0.5,
  });
  const look = (slot: object, isBusy = false, reserve = 0) => capacity.look(slot, isBusy, reserve);
  /** Looked at with a lease whose attempt runs. Answers how the attempt ends. */
  const run = async (slot: object): Promise<() => void> => {
    await look(slot, true);
    return capacity.begin(slot);
  };
  /** A new reading of the plan. */
  const later = (change: Partial<Plan> = {}): void => {
    state.now += 15_000;
    Object.assign(state.plan, change);
  };
  return { state, look, run, later, capacity };
}

const full = (why: string) => ({ kind: 'full', why });

test('an account with a free session has room for a slot', async () => {
  const { look } = openAccount({ running: 4 });
  expect(await look({})).toBeUndefined();
});

test('one that is full says so, in words that people understand', async () => {
  const { look, later } = openAccount({ running: 5 });
  expect(await look({})).toEqual(full('BrowserStack is full: 5 of 5 parallel sessions run'));
  later({ queued: 3 });
  expect(await look({})).toEqual(
    full('BrowserStack is full: 5 of 5 parallel sessions run, 3 wait in its queue'),
  );
});

test('a plan that is full is read again sooner than one with room', async () => {
  const { look, state } = openAccount({ running: 5 });
  const slot = {};
  await look(slot);
  state.now += 8000;
  state.plan.running = 4;
  expect(await look(slot)).toBeUndefined();
  state.now += 14_999;
  state.plan.running = 5;
  expect(await look(slot)).toBeUndefined();
  expect(state.reads).toBe(2);
});

test('where sessions of others wait already, no other test begins, even beside one that has just ended', async () => {
  const { look } = openAccount({ running: 4, queued: 1 });
  expect(await look({})).toEqual(
    full('BrowserStack is full: 4 of 5 parallel sessions run, 1 waits in its queue'),
  );
  expect(await look({}, true)).toMatchObject({ kind: 'full' });
});

test('a slot with a lease is not full because of the sessions of its own agent', async () => {
  const { look, run, later } = openAccount();
  const [first, second] = [{}, {}];
  await run(first);
  await run(second);
  later({ running: 5 });
  expect([await look(first, true), await look(second, true)]).toEqual([undefined, undefined]);
  expect(await look({})).toMatchObject({ kind: 'full' });
});

test('a slot whose lease has ended does not wait until the plan says so', async () => {
  const { look, run, later, state } = openAccount({ max: 2 });
  const [first, second] = [{}, {}];
  const end = await run(first);
  await run(second);
  later({ running: 2 });
  await look(second, true);
  state.now += 100;
  end();
  expect(await look(first, false)).toBeUndefined();
});

test('what one slot gives up, no other takes before it is told', async () => {
  const { look, run, later } = openAccount({ max: 2 });
  const slots = [{}, {}, {}];
  await run(slots[0] as object);
  await run(slots[1] as object);
  later({ running: 2 });
  await look(slots[0] as object, true);
  await look(slots[2] as object);
  // The first to be free is the first to go on.
  expect(await look(slots[0] as object)).toMatchObject({ kind: 'full' });
  expect(await look(slots[2] as object)).toBeUndefined();
});

test('free slots ask in turn, for no more than there is', async () => {
  const { look } = openAccount({ running: 3 });
  const slots = [{}, {}, {}, {}];
  const looked = [];
  for (const slot of slots) looked.push(await look(slot));
  const rest =
    'BrowserStack has no session left for it: 3 of 5 parallel sessions run, the rest is for other slots of this agent';
  expect(looked).toEqual([undefined, undefined, full(rest), full(rest)]);
});

test('slots whose leases have no session yet take the free ones: with one free session one of four slots begins', async () => {
  const { look, later } = openAccount({ running: 4 });
  const slots = [{}, {}, {}, {}];
  const busy = new Set<object>();
  for (const slot of slots) {
    if ((await look(slot)) === undefined) busy.add(slot);
    for (const one of busy) expect(await look(one, true)).toBeUndefined();
    // The plan is read again, while they are still in their set-ups.
    later();
  }
  expect([...busy]).toEqual([slots[0]]);
});

test('where the free session went to others, a lease without one waits, and one whose attempt runs goes on', async () => {
  const { look, run, later } = openAccount({ running: 3 });
  const [waits, runs] = [{}, {}];
  await look(waits, true);
  await run(runs);
  later({ running: 5 });
  expect(await look(runs, true)).toBeUndefined();
  expect(await look(waits, true)).toMatchObject({ kind: 'full' });
});

test('a session counts as its own until no attempt of the slot may have one, however often the end is told', async () => {
  const { look, run, capacity, later } = openAccount({ max: 1 });
  const slot = {};
  const end = await run(slot);
  const endNext = capacity.begin(slot);
  end();
  end();
  later({ running: 1 });
  expect(await look(slot, true)).toBeUndefined();
  endNext();
  later();
  expect(await look(slot, true)).toMatchObject({ kind: 'full' });
});

test('a reserve is left to others', async () => {
  const { look } = openAccount({ running: 4 });
  expect(await look({}, false, 1)).toEqual(
    full(
      'BrowserStack has no session left for it: 4 of 5 parallel sessions run, 1 kept for others, the rest is for other slots of this agent',
    ),
  );
});

test('all slots share one reading of the plan, for 15 seconds', async () => {
  const { look, state } = openAccount();
  await Promise.all([look({}), look({}), look({})]);
  state.now = 14_999;
  await look({});
  expect(state.reads).toBe(1);
  state.now = 15_000;
  await look({});
  expect(state.reads).toBe(2);
});

test('after "fewer requests" nothing is asked for 30 s, then for 60 s; a lease goes on meanwhile', async () => {
  const { look, state } = openAccount();
  state.error = new StackError('rate', 'BrowserStack wants fewer requests (429)');
  const slot = {};
  expect(await look(slot)).toEqual({
    kind: 'rate',
    why: 'BrowserStack wants fewer requests (429); it is asked again in 30 s',
  });
  expect(await look(slot, true)).toBeUndefined();
  state.now = 29_999;
  await look(slot);
  expect(state.reads).toBe(1);
  state.now = 30_000;
  expect(await look(slot)).toMatchObject({ why: expect.stringContaining('again in 60 s') });
  state.error = undefined;
  state.now = 90_000;
  expect(await look(slot)).toBeUndefined();
  expect(state.reads).toBe(3);
});

test('refused credentials stop leases too, until that is over', async () => {
  const { look, state, later } = openAccount();
  state.error = new StackError('credentials', 'words');
  expect(await look({}, true)).toEqual({ kind: 'credentials', why: 'words' });
  state.error = undefined;
  later();
  expect(await look({}, true)).toBeUndefined();
});

test('two answers in a row that do not come do so too, and are asked for again soon; one is no outage', async () => {
  const { look, state, later, capacity } = openAccount();
  await look({});
  state.error = new StackError('away', 'words');
  later();
  expect(await look({})).toBeUndefined();
  // But what failed meanwhile says nothing of its test.
  expect(await capacity.trouble(2000)).toBe(state.error);
  state.now += 3000;
  expect(await look({}, true)).toEqual({ kind: 'away', why: 'words' });
  state.error = undefined;
  state.now += 3000;
  expect(await look({}, true)).toBeUndefined();
  expect(state.reads).toBe(4);
});
