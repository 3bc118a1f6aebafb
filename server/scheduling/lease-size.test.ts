import { expect, test } from 'vitest';
import { shareOf } from './lease-size.ts';

const share = (jobs: number, startsMs: number[], more: object = {}) =>
  shareOf({ jobs, workMs: jobs * 1000, ownStartMs: 0, startsMs, ...more });

test.each([
  ['alone it may take all', 20, [], {}, 20],
  ['two idle devices take a half each', 20, [0], {}, 10],
  ['what does not divide is rounded up', 20, [0, 0], {}, 7],
  ['one job is one job', 1, [0, 0, 0], {}, 1],
  ['a device that is idle before this one would end counts', 10, [3000], {}, 5],
  ['one that is busy until then does not', 10, [10_000], {}, 10],
  ['nor one that is busy for longer than the others need together', 12, [0, 7000], {}, 6],
  ['the others do, though one is busy for long', 12, [60_000, 0, 1000], {}, 4],
  ['the others count also where this one has to install first', 10, [0], { ownStartMs: 60_000 }, 5],
])('%s', (_what, jobs, startsMs, more, most) => {
  expect(share(jobs, startsMs, more)).toBe(most);
});
