import { SubmitRun } from '../../protocol/shapes/run.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { submitRun } from '../../server/queue/submit/submit-run.ts';
import { testPath } from './load.ts';
import { seeded } from './seeded.ts';

export const depthTarget = 'emulator';
const orgs = 20;
const versionsPerOrg = 50;
const testsKnown = 1000;
const runsAtOnce = 40;

/** Submits runs as a few teams would. */
export interface Submitter {
  /** Until so many jobs more are queued. */
  submit(jobs: number): Promise<void>;
}

/** Runs of 1 to 200 tests, many of them small; 20 orgs with app versions of their own; most of priority 5. */
export function createSubmitter(deps: Deps, seed: number): Submitter {
  const random = seeded(seed);
  const submitOne = (tests: number) => {
    const first = Math.floor(random() * testsKnown);
    const body = SubmitRun.parse({
      app_version_id: `v${Math.floor(random() * versionsPerOrg)}`,
      target: depthTarget,
      priority: random() < 0.7 ? 5 : 1 + Math.floor(random() * 10),
      tests: Array.from({ length: tests }, (_, n) => testPath((first + n) % testsKnown)),
    });
    return submitRun(deps, { orgId: `org-${Math.floor(random() * orgs)}`, body, createOrg: true });
  };
  return {
    async submit(jobs) {
      let left = jobs;
      while (left > 0) {
        const runs: Promise<unknown>[] = [];
        while (left > 0 && runs.length < runsAtOnce) {
          const tests = Math.min(left, 1 + Math.floor(random() ** 2 * 200));
          left -= tests;
          runs.push(submitOne(tests));
        }
        await Promise.all(runs);
      }
    },
  };
}

/** What each org knows of each test: 2 to 60 s, most of them short. */
export async function writeHistory(deps: Deps, seed: number): Promise<void> {
  const random = seeded(seed);
  const rows = Array.from({ length: orgs * testsKnown }, (_, n) => [
    `org-${Math.floor(n / testsKnown)}`,
    testPath(n % testsKnown),
    Math.round(2000 + random() ** 3 * 58_000),
  ]);
  await deps.sql.write([
    {
      sql: `INSERT INTO durations (org_id, target, test_path, p80_ms, changed_at)
            SELECT i.value ->> 0, ?2, i.value ->> 1, i.value ->> 2, ?3 FROM json_each(?1) i`,
      args: [JSON.stringify(rows), depthTarget, deps.now()],
    },
  ]);
}
