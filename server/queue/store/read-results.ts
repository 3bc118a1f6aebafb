import type { Deps } from './deps.ts';
import type { JobResult } from './to-wire.ts';

/**
 * The attempt `r` whose tests and report are those of the job `j` (SQL): the last one with a verdict of the test, with
 * the failed ones before it merged in; else the last one.
 */
const resultAttempt = `attempts r ON r.job_id = j.id AND r.attempt = coalesce((SELECT max(v.attempt) FROM attempts v
    WHERE v.job_id = j.id AND v.verdict IN ('passed', 'failed')), j.attempt)`;

const tests = 'coalesce(r.merged_tests, r.tests)';

/** SEARCH j USING INDEX jobs_id, SEARCH v, r, a USING INDEX sqlite_autoindex_attempts_1 (job_id=?) */
const resultsSql = `SELECT j.id, ${tests} AS tests, coalesce(r.merged_report, r.report) AS report, a.provider
  FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value CROSS JOIN ${resultAttempt}
    CROSS JOIN attempts a ON a.job_id = j.id AND a.attempt = j.attempt`;

const sizesSql = `SELECT j.id, octet_length(${tests}) AS bytes
  FROM json_each(?) i CROSS JOIN jobs j ON j.id = i.value CROSS JOIN ${resultAttempt}`;

/** The results of jobs that have had an attempt, by job id. */
export async function readResults(deps: Deps, jobIds: readonly string[]): Promise<Map<string, JobResult>> {
  if (jobIds.length === 0) return new Map();
  const rows = await deps.sql.read(resultsSql, [JSON.stringify(jobIds)]);
  return new Map(
    rows.map((row) => [
      String(row.id),
      { tests: textOf(row.tests), report: textOf(row.report), provider: textOf(row.provider) },
    ]),
  );
}

/** How many bytes the tests of each job have. */
export async function sizeOfTests(deps: Deps, jobIds: readonly string[]): Promise<Map<string, number>> {
  if (jobIds.length === 0) return new Map();
  const rows = await deps.sql.read(sizesSql, [JSON.stringify(jobIds)]);
  return new Map(rows.map(({ id, bytes }) => [String(id), Number(bytes)]));
}

const textOf = (value: unknown): string | null => (value === null ? null : String(value));
