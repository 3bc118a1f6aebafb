import { unknownTestMs } from '../../scheduling/virtual-time.ts';
import type { Deps } from '../store/deps.ts';
import { readList } from '../store/rows.ts';
import type { NewRun } from './new-run.ts';

/** SEARCH durations USING PRIMARY KEY, SEARCH orgs USING PRIMARY KEY, for each job. */
const estimatesSql = `SELECT json_group_array(json_array(i.key, coalesce(d.p80_ms, o.mean_test_ms))) AS list FROM json_each(?) i
    LEFT JOIN durations d ON d.org_id = i.value ->> 0 AND d.repository_id = i.value ->> 3 AND d.target = i.value ->> 1
      AND d.test_path = i.value ->> 2
    LEFT JOIN orgs o ON o.id = i.value ->> 0`;

/**
 * The predicted duration of each job: that of its test on the target, else the mean of its org's tests, else a
 * constant. The same path in another repository of the org is another test.
 */
export async function estimateJobs(deps: Deps, all: readonly NewRun[]): Promise<NewRun[]> {
  const keys = all.flatMap(({ run, jobs }) =>
    jobs.map((job) => [job.orgId, job.target, job.testPath, run.repositoryId]),
  );
  const rows = await readList<[key: number, ms: number | null]>(deps, estimatesSql, [JSON.stringify(keys)]);
  const allKnown: (number | null)[] = [];
  for (const [key, ms] of rows) allKnown[key] = ms;
  let next = 0;
  return all.map((one) => {
    const known = allKnown.slice(next, next + one.jobs.length);
    next += one.jobs.length;
    const jobs = one.jobs.map((job, index) => ({
      ...job,
      estimateMs: known[index] ?? unknownTestMs,
    }));
    return { ...one, jobs, isGuessed: known.includes(null) };
  });
}
