import { expect, test } from 'vitest';
import { plansOf } from '../../../test/support/plans.ts';
import { readSeries } from '../figures/index.ts';
import type { Deps } from '../store/deps.ts';
import type { RunRow } from '../store/rows.ts';
import { compareRuns } from './compare-runs.ts';
import { listRunJobs } from './list-run-jobs.ts';
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
const page = { offset: 0, limit: 200 };

test.each([
  ['a page of the tests of a run', (deps: Deps) => listRunJobs(deps, run, page)],
  ['its failures alone', (deps: Deps) => listRunJobs(deps, run, { ...page, show: 'new', text: 'a' })],
  ['its timeline', (deps: Deps) => readTimeline(deps, run.id)],
  ['the run before on its branch', (deps: Deps) => compareRuns(deps, run)],
  ['a day, hour by hour', (deps: Deps) => readSeries(deps, 'acme', '24h')],
])('%s is found by an index, however many rows there are', async (_, read) => {
  const plans = await plansOf(read);
  expect(plans.some((step) => /^SEARCH .* USING .*INDEX/.test(step))).toBe(true);
  // What is read row by row is an answer of these, or a list that was given.
  expect(plans.filter((step) => /^SCAN (?!p$|j$|i VIRTUAL|json_each|\(subquery)/.test(step))).toEqual([]);
});
