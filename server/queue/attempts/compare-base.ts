import type { Report, TestCase } from '../../../protocol/shapes/job.ts';
import type { Deps } from '../store/deps.ts';
import { isNamedWhole } from '../store/named-whole.ts';
import { listOf, readList } from '../store/rows.ts';
import type { AttemptEnd, Compared } from './end-attempts.ts';

/**
 * For each failed job whose run has a base branch: the last finished run of the branch on its target, that of the job's own
 * lane before all others, and what failed in its file there. What failed in an earlier run says nothing of that one: it may not
 * have had the file. SEARCH runs, base_runs, base_failures USING PRIMARY KEY.
 */
const baseSql = listOf(
  `json_array(i.key, b.run_id, f.cases)`,
  `FROM json_each(?) i CROSS JOIN runs r ON r.id = i.value ->> 0
    CROSS JOIN base_runs b ON b.org_id = r.org_id AND b.branch_key = r.base_key AND b.target = i.value ->> 1
      AND b.lane = coalesce(
        (SELECT l.lane FROM base_runs l WHERE l.org_id = r.org_id AND l.branch_key = r.base_key
          AND l.target = i.value ->> 1 AND l.lane = r.lane),
        (SELECT l.lane FROM base_runs l WHERE l.org_id = r.org_id AND l.branch_key = r.base_key
          AND l.target = i.value ->> 1 ORDER BY l.github_run_id DESC, l.submitted_at DESC LIMIT 1))
    LEFT JOIN base_failures f ON f.org_id = b.org_id AND f.branch_key = b.branch_key AND f.target = b.target
      AND f.test_path = i.value ->> 2 AND f.lane = b.lane AND f.run_id = b.run_id
  WHERE r.base_key IS NOT NULL`,
);

type BaseItem = [key: number, runId: string, cases: string | null];

/** The identity of a case in its file: file, full title, and the framework's id, which tells projects apart. */
const caseOf = ({ file = '', name, id = '' }: TestCase): string => JSON.stringify([file, name, id]);

/**
 * Compares the jobs that fail now with the last finished run of their base branch, by case (docs/job-lifecycle.md). By job
 * id; a job is missing where that cannot be said: no such run, or the failed cases that are listed may not be all that went wrong.
 */
export async function compareWithBase(
  deps: Deps,
  ends: readonly AttemptEnd[],
): Promise<ReadonlyMap<string, Compared>> {
  const found = new Map<string, Compared>();
  const failing = ends.filter(
    ({ ending, job }) => ending.verdict === 'failed' && job.testFailures >= job.retryFailedTests,
  );
  if (failing.length === 0) return found;
  const keys = failing.map(({ job }) => [job.runId, job.target, job.testPath]);
  for (const [key, runId, cases] of await readList<BaseItem>(deps, baseSql, [JSON.stringify(keys)])) {
    const end = failing[key];
    const own = end && failedCases(end);
    if (end && own) found.set(end.job.id, { isKnown: isWithin(own, JSON.parse(cases ?? '[]')), runId });
  }
  return found;
}

/**
 * The failed cases of a job, merged over its attempts; undefined where one is not listed, or none is, and where the agent does
 * not say that these are all that went wrong: a test that was left out may be a new failure.
 */
function failedCases(end: AttemptEnd): string[] | undefined {
  const tests: TestCase[] = JSON.parse(end.mergedTests ?? end.tests ?? '[]');
  const report: Report | null = JSON.parse(end.mergedReport ?? end.report ?? 'null');
  const failed = tests.filter(({ status }) => status === 'failed');
  const isWhole =
    failed.length > 0 &&
    report?.complete === true &&
    report.failed <= failed.length &&
    failed.every(isNamedWhole);
  return isWhole ? failed.map(caseOf) : undefined;
}

/** Whether each case is there as often as here: two cases may have one name. */
function isWithin(own: readonly string[], base: readonly unknown[]): boolean {
  const left = new Map<string, number>();
  for (const one of base.map((it) => JSON.stringify(it))) left.set(one, (left.get(one) ?? 0) + 1);
  return own.every((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count > 0;
  });
}
