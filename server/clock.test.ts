import { expect, test } from 'vitest';
import { createClock } from './clock.ts';

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
