import { expect, test } from 'vitest';
import { plansOf } from '../../../test/support/plans.ts';
import { anyOrg, type TestQueue } from '../../../test/support/queue.ts';
import { readSeries } from '../figures/index.ts';
import type { Deps } from '../store/deps.ts';
import type { RunRow } from '../store/rows.ts';
import { compareRuns } from './compare-runs.ts';
import { listRunJobs } from './list-run-jobs.ts';
import { findRun } from './read-run.ts';
import { readTimeline } from './read-timeline.ts';

const run = {
  id: 'run_1',
  orgId: 'acme',
  repositoryId: '',
  branchKey: 'x',
  lane: '',
  failed: 1,
  errored: 0,
} as RunRow;
const page = { offset: 0, limit: 100 };

test.each([
  ['a page of the tests of a run', (deps: Deps) => listRunJobs(deps, run, page)],
  ['its failures alone', (deps: Deps) => listRunJobs(deps, run, { ...page, show: 'new', text: 'a' })],
  ['its timeline', (deps: Deps) => readTimeline(deps, run.id)],
  ['a day, hour by hour', (deps: Deps) => readSeries(deps, 'acme', '24h')],
])('%s is found by an index, however many rows there are', async (_, read) => {
  const plans = await plansOf(read);
  expect(plans.some((step) => /^SEARCH .* USING .*INDEX/.test(step))).toBe(true);
  // What is read row by row is an answer of these, or a list that was given.
  expect(plans.filter((step) => /^SCAN (?!p$|first$|i VIRTUAL|json_each|\(subquery)/.test(step))).toEqual([]);
});

test('a run is compared with the one before on its branch by the jobs of these two alone', async () => {
  const plans = await plansOf(async (deps) => {
    const row = await findRun(deps, ids.at(-1) ?? '', anyOrg);
    expect(await compareRuns(deps, row)).toMatchObject({ earlier: { id: ids[0] } });
  }, prepare);
  expect(plans.filter((step) => step.startsWith('SEARCH j'))).toEqual([
    'SEARCH j USING INDEX jobs_red (run_id=?)',
    'SEARCH j USING INDEX jobs_red (run_id=?)',
    'SEARCH j USING INDEX jobs_run_path (run_id=? AND test_path=?)',
    'SEARCH j USING INDEX jobs_run_path (run_id=? AND test_path=?)',
  ]);
  expect(plans.filter((step) => /^SCAN (?!i VIRTUAL|json_each|\(subquery)/.test(step))).toEqual([]);
});

const ids: string[] = [];

/** Two runs of a branch that have ended with a failed job each. */
async function prepare(queue: TestQueue): Promise<void> {
  const branch = { repository_id: '7', ref: 'feature' };
  for (let n = 0; n < 2; n += 1) ids.push((await queue.submit({ branch })).run.run_id);
  const sql = `UPDATE jobs SET status = 'failed', outcome = 'failed', finalized_at = changed_at`;
  await queue.deps.sql.write([{ sql, args: [] }]);
}
