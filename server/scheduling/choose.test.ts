import { expect, test } from 'vitest';
import { type Candidate, choose, type Question } from './choose.ts';

const minute = 60_000;

/**
 * A batch of ten tests of 20 s, due in half an hour, in a group that no device holds and that installs in half a
 * minute.
 */
const batch = (more: Partial<Candidate>): Candidate => ({
  batchId: 1,
  groupId: 1,
  tag: 100 * minute,
  dueAt: 30 * minute,
  weight: 1,
  groupWeight: more.weight ?? 1,
  holders: 0,
  jobs: 10,
  workMs: 200_000,
  setupMs: 30_000,
  ...more,
});
const ask = (more: Partial<Question>): Question => ({
  now: 0,
  isPinned: false,
  pool: { devices: 8, pinned: 0, v: 0, weight: 4 },
  warm: undefined,
  unserved: undefined,
  cold: [],
  ...more,
});
const chosen = (question: Partial<Question>) => choose(ask(question))?.candidate.batchId;

const warm = batch({ batchId: 7, groupId: 7, holders: 1 });

test('a device without work for it stays idle', () => {
  expect(chosen({})).toBeUndefined();
});

test('a device stays with the app that it has, while no other batch is far ahead of it', () => {
  expect(chosen({ warm, cold: [batch({ batchId: 2, tag: 80 * minute })] })).toBe(7);
});

test('it leaves for a batch so far ahead that two installs are nothing beside it', () => {
  expect(chosen({ warm, cold: [batch({ batchId: 2, tag: 10 * minute })] })).toBe(2);
});

test('without work for its own app, it takes the lowest rank that no device holds', () => {
  const cold = [batch({ batchId: 2, tag: 1 }), batch({ batchId: 3, tag: 2 })];
  expect(chosen({ cold })).toBe(2);
});

test('it helps with a large batch that others serve, and leaves a small one to them', () => {
  const large = batch({ batchId: 2, holders: 1, jobs: 100, workMs: 2_000_000 });
  const small = batch({ batchId: 2, holders: 1, jobs: 2, workMs: 40_000 });
  const alone = { devices: 8, pinned: 0, v: 0, weight: 1 };
  expect(chosen({ cold: [large], pool: alone })).toBe(2);
  expect(chosen({ cold: [small], pool: alone })).toBeUndefined();
});

test('the more others wait, the more a further install has to gain', () => {
  const hot = batch({ batchId: 2, holders: 2, jobs: 40, workMs: 800_000 });
  expect(chosen({ cold: [hot], pool: { devices: 8, pinned: 0, v: 0, weight: 1 } })).toBe(2);
  expect(chosen({ cold: [hot], pool: { devices: 8, pinned: 0, v: 0, weight: 30 } })).toBeUndefined();
});

test('a batch that is late in rank keeps its share of the pool and gets no more', () => {
  const late = batch({ batchId: 7, groupId: 7, holders: 8, tag: 0 });
  const pool = { devices: 8, pinned: 0, v: minute, weight: 8 };
  expect(chosen({ warm: late, cold: [batch({ batchId: 2, tag: 90 * minute })], pool })).toBe(2);
  expect(
    chosen({ warm: { ...late, holders: 1 }, cold: [batch({ batchId: 2, tag: 90 * minute })], pool }),
  ).toBe(7);
});

test('an overdue group that no device holds comes first, on a quarter of the pool, which is then pinned to it', () => {
  const overdue = batch({ batchId: 9, dueAt: -1 });
  expect(choose(ask({ warm, unserved: overdue }))).toEqual({ candidate: overdue, pin: true });
  const pool = { devices: 8, pinned: 2, v: 0, weight: 4 };
  expect(choose(ask({ warm, unserved: overdue, pool }))).toEqual({ candidate: warm, pin: false });
});

test('a pinned device goes on with its overdue batch, and is free again after it', () => {
  const overdue = { ...warm, dueAt: -1 };
  const ahead = [batch({ batchId: 2, tag: 0 })];
  expect(choose(ask({ isPinned: true, warm: overdue, cold: ahead }))).toEqual({
    candidate: overdue,
    pin: true,
  });
  expect(choose(ask({ isPinned: true, warm, cold: ahead }))?.pin).toBe(false);
});
