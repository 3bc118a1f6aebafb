import type { Report, TestCase } from '../../../protocol/shapes/job.ts';
import type { Deps } from '../store/deps.ts';

/** An attempt with a verdict of its test. */
export interface Verdict {
  readonly verdict: 'passed' | 'failed';
  readonly durationMs: number | null;
  /** It ran some tests of the file alone. */
  readonly isSelection: boolean;
  /** Undefined: its report lists none, or it had none. */
  readonly tests: readonly TestCase[] | undefined;
  readonly report: Report | undefined;
}

/** A libSQL server gives values of at most 5 MB; what is longer is as if it were not listed. */
const mostBytes = 4_000_000;

/** What is no verdict of the test (an error, a cancel, an attempt that the server ended) is left out. SEARCH a USING PRIMARY KEY (job_id=?) */
const verdictsSql = `SELECT i.value AS id, a.verdict, a.duration_ms AS ms, a.retried_tests AS retried,
    CASE WHEN octet_length(a.tests) < ${mostBytes} THEN a.tests END AS tests, a.report
  FROM json_each(?) i CROSS JOIN attempts a ON a.job_id = i.value
  WHERE a.verdict IN ('passed', 'failed') AND a.by_server = 0 ORDER BY a.job_id, a.attempt`;

/** The attempts of each of these jobs that had a verdict of the test, in their order. */
export async function readVerdicts(
  deps: Pick<Deps, 'sql'>,
  jobIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Verdict[]>> {
  const found = new Map<string, Verdict[]>();
  if (jobIds.length === 0) return found;
  for (const row of await deps.sql.read(verdictsSql, [JSON.stringify(jobIds)])) {
    const verdicts = found.get(String(row.id)) ?? [];
    found.set(String(row.id), verdicts);
    verdicts.push({
      verdict: row.verdict as Verdict['verdict'],
      durationMs: row.ms as number | null,
      isSelection: row.retried !== null,
      tests: parsed(row.tests),
      report: parsed(row.report),
    });
  }
  return found;
}

const parsed = (json: unknown) => (json === null ? undefined : JSON.parse(String(json)));
