import { expect, test } from 'vitest';
import { runSoak } from './run-soak.ts';

// QGJOB_SEED=… makes the same runs, tests and agents again; what exactly the faults hit depends on timing.
const seed = Number(process.env.QGJOB_SEED ?? Date.now() % 1_000_000);

test(`after 200 jobs, agents that vanish, rough clients, a kill and a restart nothing is left and all counters add up (seed ${seed})`, async ({
  signal,
}) => {
  const { offences, ledger, folder } = await runSoak(
    {
      ...{
        seed,
        agents: 20,
        jobs: 200,
        seconds: 0,
        lives: 3,
        jobsPerSecond: 40,
        testMs: 100,
        sampleSeconds: 1,
      },
      ...{ leaseTtlMs: 5000, awayMs: 1000, answerMs: 10_000, troubles: 0.5, judges: 'audit' },
    },
    { stop: signal },
  );
  expect(offences, `QGJOB_SEED=${seed}; see the folder ${folder}`).toEqual([]);
  expect(ledger.jobsEnded()).toBeGreaterThanOrEqual(200);
  expect(ledger.done.get('server killed')).toBe(1);
  expect(ledger.done.get('server restarted')).toBe(1);
}, 400_000);
