import { toParts } from '../../db/bulk-parameters.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';
import { countResults, type Failure, type Resolved, resolveFailures } from './count-results.ts';
import {
  type CountedJob,
  fileKeyOf,
  findPasses,
  placeOf,
  readSourceJobs,
  type SourceJobs,
} from './find-passes.ts';
import { type EndedJob, readEnded } from './read-ended.ts';
import { readVerdicts } from './read-verdicts.ts';
import { resultsOfJob } from './results-of-job.ts';
import { fileOf, testIdOf } from './test-identity.ts';
import { isUnmoved, readTestRows, writeTestRows } from './test-rows.ts';

/**
 * Counts the next jobs that became final into the ledger of tests; true: there are more. Every server of a database may do this
 * at any time: one of them moves the cursor, and the others write nothing. Errors: `unavailable`.
 */
export async function writeLedger(deps: Deps): Promise<boolean> {
  const [row] = await deps.sql.read('SELECT seq FROM ledger_cursor WHERE id = 1');
  const cursor = Number(row?.seq ?? 0);
  const { last, ended, isMore } = await readEnded(deps, cursor);
  if (last === cursor) return false;
  await deps.sql.write([
    ...(ended.length > 0 ? await countAll(deps, ended, cursor) : []),
    { sql: 'UPDATE ledger_cursor SET seq = ?2 WHERE id = 1 AND seq = ?1', args: [cursor, last] },
  ]);
  return isMore;
}

async function countAll(deps: Deps, ended: readonly EndedJob[], cursor: number): Promise<Statement[]> {
  const verdicts = await readVerdicts(
    deps,
    ended.map(({ jobId }) => jobId),
  );
  const counted = ended
    .map((job): CountedJob => ({ job, results: resultsOfJob(job, verdicts.get(job.jobId) ?? []) }))
    .filter(({ results }) => results.length > 0);
  if (counted.length === 0) return [];
  const before = await readSourceJobs(
    deps,
    counted.map(({ job }) => job),
  );
  const passes = await findPasses(deps, counted, before);
  const open = await readOpen(deps, counted);
  // What a hunt passed says that its source can; its executions are no jobs of runs, and count among none of these.
  const ofRuns = counted.filter(({ job }) => !job.isHunt);
  const ids = [...ofRuns.flatMap(({ results }) => results), ...open].map(({ testId }) => testId);
  const rows = await readTestRows(deps, [...new Set(ids)]);
  const failures = countResults(rows, ofRuns, passes);
  resolveFailures(rows, open);
  return [
    ...writeTestRows([...rows.values()], deps.now(), cursor),
    ...forEach(reportedByHunts(counted), markReported, cursor),
    ...forEach(failures.map(valuesOf), insertFailures, cursor),
    ...forEach(
      open.map(({ testId, at, jobId }) => [testId, at, jobId]),
      markFlaky,
      cursor,
    ),
    ...forEach(sourcesOf(counted, before), keepSources, cursor),
  ];
}

/** Failures that were not known to be flaky, of tests that have passed on their source now. SEARCH f USING INDEX test_failures_open (test_id=? AND source=?) */
const openSql = listOf(
  'json_array(f.test_id, f.at, f.job_id)',
  `FROM json_each(?) i CROSS JOIN test_failures f ON f.test_id = i.value ->> 0 AND f.source = i.value ->> 1 AND f.flaky = 0`,
);

async function readOpen(deps: Deps, counted: readonly CountedJob[]): Promise<Resolved[]> {
  const passed = counted.flatMap(({ job, results }) =>
    results.filter((result) => result.passed).map(({ testId }) => [testId, job.source]),
  );
  if (passed.length === 0) return [];
  const rows = await readList<[string, number, string]>(deps, openSql, [JSON.stringify(passed)]);
  // Twice where two jobs of this step passed on it.
  const byKey = new Map(rows.map(([testId, at, jobId]) => [`${testId} ${jobId}`, { testId, at, jobId }]));
  return [...byKey.values()];
}

const valuesOf = ({ testId, at, jobId, runId, source, isFlaky }: Failure): unknown[] => [
  ...[testId, at, jobId],
  ...[runId, source, isFlaky ? 1 : 0],
];

const insertFailures = `INSERT INTO test_failures (test_id, at, job_id, run_id, source, flaky)
  SELECT i.value ->> 0, i.value ->> 1, i.value ->> 2, i.value ->> 3, i.value ->> 4, i.value ->> 5
  FROM json_each(?1) i WHERE ${isUnmoved} ON CONFLICT DO NOTHING`;

/** SEARCH test_failures USING PRIMARY KEY (test_id=? AND at=? AND job_id=?) */
const markFlaky = `UPDATE test_failures SET flaky = 1 FROM json_each(?1) i
  WHERE test_failures.test_id = i.value ->> 0 AND test_failures.at = i.value ->> 1 AND test_failures.job_id = i.value ->> 2
    AND ${isUnmoved}`;

/** Files that only a hunt has shown to have reports; their rows are those of runs. */
const reportedByHunts = (counted: readonly CountedJob[]): string[] =>
  counted
    .filter(({ job }) => job.isHunt)
    .flatMap(({ results }) => results.filter(({ hasReport }) => hasReport).map(({ testId }) => testId));

/** SEARCH tests USING INDEX sqlite_autoindex_tests_1 (id=?) */
const markReported = `UPDATE tests SET has_report = 1 FROM json_each(?1) i
  WHERE tests.id = i.value AND tests.has_report = 0 AND ${isUnmoved}`;

const keepSources = `INSERT INTO test_sources (test_id, source, jobs, at)
  SELECT i.value ->> 0, i.value ->> 1, i.value ->> 2, i.value ->> 3 FROM json_each(?1) i WHERE ${isUnmoved}
  ON CONFLICT DO UPDATE SET jobs = excluded.jobs, at = excluded.at`;

const forEach = (rows: readonly unknown[], sql: string, cursor: number): Statement[] =>
  rows.length === 0 ? [] : toParts(rows).map(({ json }) => ({ sql, args: [json, cursor] }));

/** So many jobs of a file on a source can say that a test has passed there. */
const jobsKept = 5;

function sourcesOf(counted: readonly CountedJob[], before: SourceJobs): unknown[] {
  const byKey = new Map<string, { job: EndedJob; ids: string[] }>();
  for (const { job, results } of counted) {
    // Of a hunt only what can say that the file passed.
    if (job.isHunt && !results[0]?.passed) continue;
    const key = fileKeyOf(job);
    const ids = byKey.get(key)?.ids ?? [...(before.get(key) ?? [])];
    byKey.set(key, { job, ids: [...ids, job.jobId].slice(-jobsKept) });
  }
  return [...byKey.values()].map(({ job, ids }) => [
    ...[testIdOf(fileOf(job)), placeOf(job)],
    ...[JSON.stringify(ids), job.at],
  ]);
}
