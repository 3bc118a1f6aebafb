import { expect, test } from 'vitest';
import { LiveCalls } from './live-calls.ts';

test('the calls of an id end with it, and no others', () => {
  const calls = new LiveCalls();
  const [one, both, other] = [calls.enter(['a']), calls.enter(['a', 's']), calls.enter(['b'])];
  calls.end(['a', 'unknown']);
  expect([one, both, other].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
  expect(one.signal.reason).toMatchObject({
    code: 'unauthorized',
    message: 'this token is not valid here any more: it was revoked, or has expired',
  });
  expect(calls.ids()).toEqual(['s', 'b']);
});

test('a call that is over is kept no longer, also one whose id has ended before', () => {
  const calls = new LiveCalls();
  const [first, second, late] = [calls.enter(['a', 's']), calls.enter(['a']), calls.enter(['b'])];
  expect(calls.ids()).toEqual(['a', 's', 'b']);
  first.leave();
  expect(calls.ids()).toEqual(['a', 'b']);
  calls.end(['b']);
  late.leave();
  second.leave();
  expect(calls.ids()).toEqual([]);
  expect(first.signal.aborted).toBe(false);
});
