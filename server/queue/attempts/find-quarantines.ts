import type { Report, TestCase } from '../../../protocol/shapes/job.ts';
import type { Deps } from '../store/deps.ts';
import { inLane } from '../store/excused.ts';
import { isNamedWhole } from '../store/named-whole.ts';
import { listOf, readList } from '../store/rows.ts';
import type { AttemptEnd, Excuse } from './end-attempts.ts';

interface Quarantine {
  readonly excuse: Excuse;
  /** File, full title and framework's id of the case, as JSON. */
  readonly ofCase: string;
  /** The file is known and has never had a report, in an earlier attempt of the job neither: its framework gives none. */
  readonly isBare: boolean;
}

/** The file itself. */
const wholeFile = JSON.stringify(['', '', '']);

/** Rows of the ledger of the file of a quarantine q. */
const fileSql = `FROM tests t WHERE t.org_id = q.org_id AND t.test_path = q.test_path AND t.title = ''
    AND t.repository_id = q.repository_id AND t.target = q.target`;

/**
 * The quarantines that hold now for the file of a job and the lane of its run. What a hunt finds is excused by none. SEARCH r USING
 * INDEX sqlite_autoindex_runs_1 (id=?), q USING INDEX quarantines_file (org_id=? AND target=? AND test_path=? AND ends_at>?), t USING
 * INDEX tests_name (org_id=? AND test_path=? AND title=?), a USING PRIMARY KEY (job_id=?)
 */
const quarantinesSql = listOf(
  `json_array(i.key, q.id, q.owner, q.ends_at, json_array(q.file, q.title, q.case_id),
    EXISTS (SELECT 1 ${fileSql}) AND NOT EXISTS (SELECT 1 ${fileSql} AND t.has_report = 1)
      AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.job_id = i.value ->> 3 AND a.report IS NOT NULL))`,
  `FROM json_each(?1) i CROSS JOIN runs r ON r.id = i.value ->> 0
    CROSS JOIN quarantines q ON q.org_id = r.org_id AND q.target = i.value ->> 1 AND q.test_path = i.value ->> 2
      AND q.ends_at > ?2
  WHERE q.repository_id = r.repository_id AND r.hunt_times IS NULL AND ${inLane('q', 'r')}`,
);

type Row = [key: number, id: string, owner: string, endsAt: number, ofCase: unknown, isBare: number];

/**
 * For each job that fails now: the quarantines that together excuse everything that failed in it, by job id; a job is missing where
 * something failed that none excuses, and where what is listed may not be all that went wrong.
 */
export async function findQuarantines(
  deps: Deps,
  ends: readonly AttemptEnd[],
): Promise<ReadonlyMap<string, readonly Excuse[]>> {
  const found = new Map<string, readonly Excuse[]>();
  const failing = ends.filter(
    ({ ending, job }) => ending.verdict === 'failed' && job.testFailures >= job.retryFailedTests,
  );
  if (failing.length === 0) return found;
  const keys = failing.map(({ job }) => [job.runId, job.target, job.testPath, job.id]);
  const rows = await readList<Row>(deps, quarantinesSql, [JSON.stringify(keys), deps.now()]);
  const byKey = Map.groupBy(rows, ([key]) => key);
  for (const [key, some] of byKey) {
    const end = failing[key];
    const held = some.map(([, id, owner, endsAt, ofCase, isBare]) => ({
      ...{ excuse: [id, owner, endsAt] as const, ofCase: JSON.stringify(ofCase), isBare: isBare === 1 },
    }));
    const excuses = end && excusesOf(end, held);
    if (end && excuses) found.set(end.job.id, excuses);
  }
  return found;
}

/**
 * A framework without reports is excused by a quarantine of the whole file alone; a file that has had reports and has none now did not
 * come to its tests, and is not. With a report, only where the agent says that the
 * failed cases are all that went wrong: never a crash, a load error, or a test that was left out.
 */
function excusesOf(end: AttemptEnd, held: readonly Quarantine[]): readonly Excuse[] | undefined {
  const whole = held.find(({ ofCase }) => ofCase === wholeFile);
  const tests: TestCase[] = JSON.parse(end.mergedTests ?? end.tests ?? '[]');
  const report: Report | null = JSON.parse(end.mergedReport ?? end.report ?? 'null');
  if (report === null) return whole?.isBare && tests.length === 0 ? [whole.excuse] : undefined;
  if (report.complete !== true || report.failed === 0) return undefined;
  if (whole) return [whole.excuse];
  const failed = tests.filter(({ status }) => status === 'failed');
  if (failed.length < report.failed || !failed.every(isNamedWhole)) return undefined;
  const excuses = failed.map((one) => held.find(({ ofCase }) => ofCase === caseOf(one))?.excuse);
  const given = excuses.filter((one) => one !== undefined);
  return given.length === failed.length ? [...new Set(given)] : undefined;
}

const caseOf = ({ file = '', name, id = '' }: TestCase): string => JSON.stringify([file, name, id]);
