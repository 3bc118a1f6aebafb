import { toParts } from '../../db/bulk-parameters.ts';
import { sortKeyOf } from '../../scheduling/job-order.ts';
import { unknownTestMs } from '../../scheduling/virtual-time.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import type { NewRun } from './new-run.ts';

/** SEARCH durations USING PRIMARY KEY, SEARCH orgs USING PRIMARY KEY, for each job. */
const historySql = listOf(
  `json_array(i.key, coalesce(d.p80_ms, o.mean_test_ms), d.p80_ms IS NOT NULL,
    nullif(d.failed_at, 0))`,
  `FROM json_each(?) i
    LEFT JOIN durations d ON d.org_id = i.value ->> 0 AND d.repository_id = i.value ->> 3 AND d.target = i.value ->> 1
      AND d.test_path = i.value ->> 2
    LEFT JOIN orgs o ON o.id = i.value ->> 0`,
);

type HistoryItem = [key: number, ms: number | null, isKnown: number, failedAt: number | null];

/**
 * The predicted duration of each job: that of its test on the target, else the mean of its org's tests, else a
 * constant; and its place in its batch. The same path in another repository of the org is another test.
 */
export async function estimateJobs(deps: Deps, all: readonly NewRun[]): Promise<NewRun[]> {
  const keys = all.flatMap(({ run, jobs }) =>
    jobs.map((job) => [job.orgId, job.target, job.testPath, run.repositoryId]),
  );
  const histories = new Map<number, HistoryItem>();
  for (const { json, from } of toParts(keys)) {
    for (const item of await readList<HistoryItem>(deps, historySql, [json]))
      histories.set(from + item[0], item);
  }
  let next = 0;
  return all.map((one) => {
    const first = next;
    next += one.jobs.length;
    const own = one.jobs.map((_, index) => histories.get(first + index));
    const jobs = one.jobs.map((job, index) => {
      const [, ms, isKnown, failedAt = null] = own[index] ?? [];
      const estimateMs = ms ?? unknownTestMs;
      return { ...job, estimateMs, sortKey: sortKeyOf({ failedAt, isKnown: isKnown === 1, estimateMs }) };
    });
    return { ...one, jobs, isGuessed: own.some((item) => item?.[1] === null) };
  });
}
