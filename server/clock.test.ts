import { expect, test } from 'vitest';
import { createClock, createSharedClock } from './clock.ts';

function handMade(wall: number) {
  const state = { wall, monotonic: 500 };
  return { state, sources: { wall: () => state.wall, monotonic: () => state.monotonic } };
}

test('it starts at the wall clock and goes on with the monotonic one, whatever the wall clock does', () => {
  const { state, sources } = handMade(1_000_000);
  const now = createClock(0, sources);
  expect(now()).toBe(1_000_000);
  state.wall -= 7_200_000;
  state.monotonic += 1500;
  expect(now()).toBe(1_001_500);
  state.wall += 36_000_000;
  expect(now()).toBe(1_001_500);
});

test('a wall clock that was set back between two starts does not take the database back', () => {
  expect(createClock(1_000_000, handMade(400_000).sources)()).toBe(1_000_000);
});

test('an instant of the database more than a day ahead is not believed', () => {
  const tooFar = 400_000 + 86_400_001;
  expect(createClock(tooFar, handMade(400_000).sources)()).toBe(400_000);
});

test('a shared clock goes by the monotonic one between two readings, and jumps ahead to the shared time', () => {
  const { state, sources } = handMade(0);
  const clock = createSharedClock(1_000_000, 0, sources.monotonic);
  let jumps = 0;
  clock.onJump(() => {
    jumps += 1;
  });
  state.monotonic += 1500;
  expect(clock.now()).toBe(1_001_500);
  clock.correct(1_001_900);
  expect([clock.now(), jumps]).toEqual([1_001_900, 0]);
  clock.correct(5_000_000);
  expect([clock.now(), jumps]).toEqual([5_000_000, 1]);
});

test('a shared clock that is ahead never goes back: it goes at half its speed until the shared time has come', () => {
  const { state, sources } = handMade(0);
  const clock = createSharedClock(1_000_000, 0, sources.monotonic);
  state.monotonic += 10_000;
  expect(clock.now()).toBe(1_010_000);
  clock.correct(1_000_000);
  expect(clock.now()).toBe(1_010_000);
  state.monotonic += 4000;
  expect(clock.now()).toBe(1_010_000);
  state.monotonic += 6000;
  expect(clock.now()).toBe(1_015_000);
});

test('a shared clock begins at the last instant of the database where that is later', () => {
  expect(createSharedClock(400_000, 1_000_000, () => 0).now()).toBe(1_000_000);
});
