import { expect, test } from 'vitest';
import { Coalescer, fulfilled, rejected } from './coalescer.ts';
import type { BulkOperation, Deps } from './deps.ts';

const deps = {} as Deps;

test('requests of one turn, and those that come meanwhile, are served together, and each gets its own answer', async () => {
  const calls: number[][] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const verb: BulkOperation<number, string> = async (_deps, inputs) => {
    calls.push([...inputs]);
    if (calls.length === 1) await held;
    return inputs.map((n) => fulfilled(`answer ${n}`));
  };
  const together = new Coalescer();
  const first = [1, 2].map((n) => together.run(deps, verb, n));
  await new Promise((resolve) => setImmediate(resolve));
  const second = [3, 4].map((n) => together.run(deps, verb, n));
  release();
  expect(await Promise.all([...first, ...second])).toEqual(['answer 1', 'answer 2', 'answer 3', 'answer 4']);
  expect(calls).toEqual([
    [1, 2],
    [3, 4],
  ]);
});

test('one that fails fails alone; where the verb itself fails, all do, and the next ones are served', async () => {
  let broken = true;
  const verb: BulkOperation<number, number> = async (_deps, inputs) => {
    if (broken) throw new Error('the disk');
    return inputs.map((n) => (n < 0 ? rejected(new Error('negative')) : fulfilled(n)));
  };
  const together = new Coalescer();
  await expect(Promise.all([1, 2].map((n) => together.run(deps, verb, n)))).rejects.toThrow('the disk');
  broken = false;
  const results = await Promise.allSettled([1, -1, 2].map((n) => together.run(deps, verb, n)));
  expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('a request that breaks the verb does not break its neighbours', async () => {
  const verb: BulkOperation<number, number> = async (_deps, inputs) => {
    if (inputs.includes(13)) throw new Error('an impossible row');
    return inputs.map(fulfilled);
  };
  const together = new Coalescer();
  const results = await Promise.allSettled([1, 13, 2].map((n) => together.run(deps, verb, n)));
  expect(results.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
