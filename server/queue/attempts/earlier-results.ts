import type { Deps } from '../store/deps.ts';
import type { AttemptRef } from './attempt-view.ts';

/** What the failed attempts before an attempt found, as JSON texts. */
export interface EarlierResult {
  /** Merged over these attempts; null where the last one had no report. */
  readonly tests: string | null;
  readonly report: string | null;
  /** The ids of the tests that the next attempt was to run; null: all of the file. */
  readonly only: string | null;
}

/** SEARCH a USING PRIMARY KEY (job_id=? AND attempt<?), twice */
const earlierSql = `SELECT i.key, coalesce(a.merged_tests, a.tests) AS tests, coalesce(a.merged_report, a.report) AS report, a.only
  FROM json_each(?) i CROSS JOIN attempts a ON a.job_id = i.value ->> 0 AND a.attempt = (
    SELECT max(f.attempt) FROM attempts f
    WHERE f.job_id = i.value ->> 0 AND f.attempt < i.value ->> 1 AND f.verdict = 'failed')`;

/** For each of these attempts, the result of the failed attempts of its job before it; undefined where none failed. */
export async function readEarlierResults(
  deps: Deps,
  refs: readonly AttemptRef[],
): Promise<(EarlierResult | undefined)[]> {
  if (refs.length === 0) return [];
  const keys = refs.map(({ jobId, attempt }) => [jobId, attempt]);
  const found: (EarlierResult | undefined)[] = refs.map(() => undefined);
  for (const { key, tests, report, only } of await deps.sql.read(earlierSql, [JSON.stringify(keys)])) {
    found[Number(key)] = { tests: textOf(tests), report: textOf(report), only: textOf(only) };
  }
  return found;
}

const textOf = (value: unknown): string | null => (value === null ? null : String(value));
