import { expect, test } from 'vitest';
import { runFaults } from './run-faults.ts';

const seed = Number(process.env.QGJOB_SEED ?? Date.now() % 1_000_000);

test.each([1, 2])(
  `500 jobs keep every promise while %i servers, agents, network and database fail for three minutes (seed ${seed})`,
  { timeout: 1_200_000 },
  async (servers) => {
    const { violations, folder } = await runFaults({
      ...{ seed, servers, jobs: 500, forMs: 180_000 },
      say: () => undefined,
    });
    expect(violations, `see the folder ${folder}`).toEqual([]);
  },
);
