import { expect, test } from 'vitest';
import { countFaults, makePlan } from './plan.ts';
import { runFaults } from './run-faults.ts';

// QGJOB_SEED=… makes the same plan again; what exactly the faults hit depends on timing.
const seed = Number(process.env.QGJOB_SEED ?? Date.now() % 1_000_000);
const sizes = [
  { who: 'a server', servers: 1, jobs: 60, forMs: 20_000 },
  { who: 'two servers', servers: 2, jobs: 40, forMs: 20_000 },
];

test.each(sizes)(
  `every promise is kept while $who, agents, network and database fail (seed ${seed})`,
  {
    timeout: 400_000,
  },
  async (size) => {
    const { violations, evidence, plan, folder } = await runFaults({ ...size, seed, say: () => undefined });
    const again = `npm run faults -- --seed=${seed} --servers=${size.servers} --jobs=${size.jobs} --minutes=${size.forMs / 60_000}`;
    expect(violations, `${again}; see the folder ${folder}`).toEqual([]);
    // Only submits that are given up at the first error may have no answer.
    const patient = plan.runs.filter(({ sent }) => sent !== 'impatiently').flatMap(({ tests }) => tests);
    expect(evidence.jobs.length).toBeGreaterThanOrEqual(patient.length);
    expect(Object.values(evidence.attempts).flat().length).toBeGreaterThan(0);
  },
);

test('the same seed makes the same plan, with every kind of fault', () => {
  const options = { seed: 7, jobs: 300, forMs: 120_000, ttlMs: 3000 };
  expect(makePlan(options)).toEqual(makePlan(options));
  expect(makePlan(options)).not.toEqual(makePlan({ ...options, seed: 8 }));
  for (const servers of [1, 2]) {
    const counts = countFaults(makePlan({ ...options, forMs: 240_000, servers }));
    expect([...counts].filter(([, count]) => count === 0)).toEqual([]);
  }
});
