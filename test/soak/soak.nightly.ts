import { join } from 'node:path';
import { expect, test } from 'vitest';
import { optionsOf } from './options.ts';
import { runSoak } from './run-soak.ts';

const seed = Number(process.env.QGJOB_SEED ?? Date.now() % 1_000_000);

test(`five minutes with 200 agents leave memory, handles, write-ahead log and disk flat (seed ${seed})`, {
  timeout: 1_200_000,
}, async ({ signal }) => {
  const { verdicts, offences, folder } = await runSoak(optionsOf({ seed, agents: 200, minutes: 5 }), {
    stop: signal,
  });
  expect(offences, `see the folder ${folder}`).toEqual([]);
  expect(verdicts.filter(({ isFlat }) => !isFlat)).toEqual([]);
  expect(verdicts).toHaveLength(12);
});

test('a server that keeps memory and open files of every verdict is not flat', {
  timeout: 600_000,
}, async ({ signal }) => {
  const options = {
    ...optionsOf({ seed, agents: 40, minutes: 3 }),
    ...{ jobsPerSecond: 8, testMs: 500, preload: join(import.meta.dirname, 'leak.cjs') },
  };
  const { verdicts } = await runSoak(options, { stop: signal });
  const grown = verdicts.filter(({ growth, allowed = 0 }) => growth > allowed).map(({ what }) => what);
  expect(grown).toEqual(expect.arrayContaining(['heap after collections', 'open handles']));
});

test('a server that ends by itself is red, though its life was to end by SIGKILL', {
  timeout: 600_000,
}, async ({ signal }) => {
  const options = {
    ...optionsOf({ seed, agents: 40, minutes: 3 }),
    ...{ jobsPerSecond: 8, testMs: 100, preload: join(import.meta.dirname, 'die.cjs') },
  };
  const { offences, verdicts, isWhole } = await runSoak(options, { stop: signal });
  expect(offences).toContain('the server ended by itself in life 1, with SIGKILL');
  expect(verdicts.filter(({ isFlat }) => isFlat)).not.toHaveLength(verdicts.length);
  expect(isWhole).toBe(true);
});
