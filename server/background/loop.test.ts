import { expect, onTestFinished, test } from 'vitest';
import { createLoop, type Loop } from './loop.ts';

/** A loop whose passes end when the test says so. */
function openLoop(firstAfterMs = 0) {
  const passes: PromiseWithResolvers<void>[] = [];
  const errors: unknown[] = [];
  let started = Promise.withResolvers<void>();
  const loop: Loop = createLoop({
    name: 'tester',
    intervalMs: 1,
    firstAfterMs,
    now: () => 42,
    onError: (error) => errors.push(error),
    work() {
      const pass = Promise.withResolvers<void>();
      passes.push(pass);
      started.resolve();
      started = Promise.withResolvers();
      return pass.promise;
    },
  });
  onTestFinished(async () => {
    for (const pass of passes) pass.resolve();
    await loop.stop();
  });
  return { loop, passes, errors, nextPass: () => started.promise };
}

test('a pass starts only when the one before has ended, and an error does not end the loop', async () => {
  const { loop, passes, errors, nextPass } = openLoop();
  const first = nextPass();
  loop.start();
  await first;
  const second = nextPass();
  passes[0]?.reject(new Error('the disk is full'));
  await second;
  expect(loop.state).toEqual({ lastRunAt: 42, lastError: 'the disk is full', errors: 1 });
  expect(errors).toHaveLength(1);
  const third = nextPass();
  passes[1]?.resolve();
  await third;
  expect(loop.state).toEqual({ lastRunAt: 42, lastError: null, errors: 1 });
});

test('a pass that is requested while one runs is that one', async () => {
  const { loop, passes } = openLoop();
  const both = [loop.runOnce(), loop.runOnce()];
  expect(passes).toHaveLength(1);
  passes[0]?.resolve();
  await Promise.all(both);
  const next = loop.runOnce();
  expect(passes).toHaveLength(2);
  passes[1]?.resolve();
  await next;
});

test('a stop waits for the pass under way, and none comes after it', async () => {
  const { loop, passes, nextPass } = openLoop();
  const first = nextPass();
  loop.start();
  await first;
  let isStopped = false;
  const stopped = loop.stop().then(() => {
    isStopped = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(isStopped).toBe(false);
  passes[0]?.resolve();
  await stopped;
  expect(passes).toHaveLength(1);
});

test('a loop that is stopped before its first pass makes none', async () => {
  const { loop, passes } = openLoop(60_000);
  loop.start();
  await loop.stop();
  expect(passes).toHaveLength(0);
  expect(loop.state.lastRunAt).toBeNull();
});

test('of passes in a row that fail alike the first is told, and one that fails in another way too', async () => {
  const { loop, passes, errors } = openLoop();
  for (const why of ['away', 'away', 'full', 'away']) {
    const pass = loop.runOnce();
    passes.at(-1)?.reject(new Error(why));
    await pass;
  }
  expect(errors.map(String)).toEqual(['Error: away', 'Error: full', 'Error: away']);
  expect(loop.state.errors).toBe(4);
});
