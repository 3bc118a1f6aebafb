import { SubmitRun } from '../../protocol/shapes/run.ts';
import type { Deps } from '../../server/queue/store/deps.ts';
import { submitRun } from '../../server/queue/submit/submit-run.ts';
import { Random } from '../../test/support/random.ts';
import { testPath } from './load.ts';

export const depthTarget = 'emulator';
const orgs = 20;
const versionsPerOrg = 50;
const testsKnown = 1000;
const runsAtOnce = 40;

/** Submits runs as a few teams would. */
export interface Submitter {
  /** Submits runs with this many jobs in all. */
  submit(jobs: number): Promise<void>;
}

/** Runs of 1 to 200 tests, many of them small; 20 orgs with app versions of their own; most of priority 5. */
export function createSubmitter(deps: Deps, seed: number): Submitter {
  const random = new Random(seed);
  const submitOne = (tests: number) => {
    const first = Math.floor(random.next() * testsKnown);
    const body = SubmitRun.parse({
      app_version_id: `v${Math.floor(random.next() * versionsPerOrg)}`,
      target: depthTarget,
      priority: random.next() < 0.7 ? 5 : 1 + Math.floor(random.next() * 10),
      tests: Array.from({ length: tests }, (_, n) => testPath((first + n) % testsKnown)),
    });
    return submitRun(deps, { orgId: `org-${Math.floor(random.next() * orgs)}`, body, createOrg: true });
  };
  return {
    async submit(jobs) {
      let left = jobs;
      while (left > 0) {
        const runs: Promise<unknown>[] = [];
        while (left > 0 && runs.length < runsAtOnce) {
          const tests = Math.min(left, 1 + Math.floor(random.next() ** 2 * 200));
          left -= tests;
          runs.push(submitOne(tests));
        }
        await Promise.all(runs);
      }
    },
  };
}

/** Writes a known duration for each test of each org: 2 to 60 s, most of them short. */
export async function writeHistory(deps: Deps, seed: number): Promise<void> {
  const random = new Random(seed);
  const rows = Array.from({ length: orgs * testsKnown }, (_, n) => [
    `org-${Math.floor(n / testsKnown)}`,
    testPath(n % testsKnown),
    Math.round(2000 + random.next() ** 3 * 58_000),
  ]);
  await deps.sql.write([
    {
      sql: `INSERT INTO durations (org_id, target, test_path, p80_ms, changed_at)
            SELECT i.value ->> 0, ?2, i.value ->> 1, i.value ->> 2, ?3 FROM json_each(?1) i`,
      args: [JSON.stringify(rows), depthTarget, deps.now()],
    },
  ]);
}
