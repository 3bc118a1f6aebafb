import { expect, test } from 'vitest';
import { anyOrg, openTestQueue } from '../../../test/support/queue.ts';
import { cancelRun } from './cancel-runs.ts';
import { compareRuns } from './compare-runs.ts';
import { findRun } from './read-run.ts';

test('however many hunts came between, a run is compared with the one before on its branch', async () => {
  const { deps, submit } = await openTestQueue();
  const body = { branch: { repository_id: '7', ref: 'main' } };
  const first = await submit(body);
  await deps.sql.write([
    { sql: `UPDATE jobs SET status = 'passed', outcome = 'passed', finalized_at = changed_at` },
  ]);
  await Promise.all(Array.from({ length: 301 }, () => submit({ hunt_times: 1 })));
  const { run } = await submit(body);
  await cancelRun(deps, run.run_id, anyOrg);
  const compared = await compareRuns(deps, await findRun(deps, run.run_id, anyOrg));
  expect(compared?.earlier.id).toBe(first.run.run_id);
});
