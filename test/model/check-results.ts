import type { TestCase } from '../../protocol/shapes/job.ts';
import { readJob } from '../../server/queue/store/read-job.ts';
import type { Model } from './model.ts';

interface AttemptTests {
  readonly attempt: number;
  readonly verdict: string;
  /** Null: the attempt ran the whole file. */
  readonly retried: number | null;
  readonly tests: TestCase[] | null;
}

/**
 * What a job shows of its tests, made anew from its attempts: the last one that ran the whole file, then the selections
 * after it; what had failed in an earlier attempt and passes is flaky.
 */
function mergedOf(attempts: readonly AttemptTests[]): Record<string, string> {
  let shown = new Map<string, string>();
  const failed = new Set<string>();
  for (const { retried, tests } of attempts) {
    const before = shown;
    shown = new Map(retried === null ? [] : before);
    for (const { name, status } of tests ?? []) {
      if (retried !== null && status === 'skipped') continue;
      shown.set(name, status === 'passed' && failed.has(name) ? 'flaky' : status);
      if (status === 'failed' || status === 'flaky') failed.add(name);
    }
  }
  return Object.fromEntries(shown);
}

/** Jobs that have ended show what their attempts found together, and count it. */
export async function checkResults({ deps, results }: Model): Promise<void> {
  const rows =
    await deps.sql.read(`SELECT j.id, json_group_array(json_object('attempt', a.attempt, 'verdict', a.verdict,
      'retried', a.retried_tests, 'tests', json(a.tests))) AS attempts
    FROM jobs j JOIN attempts a ON a.job_id = j.id AND a.verdict IN ('passed', 'failed')
    WHERE j.finalized_at IS NOT NULL GROUP BY j.id`);
  for (const row of rows) {
    const id = String(row.id);
    if (results.has(id)) continue;
    results.add(id);
    const attempts: AttemptTests[] = JSON.parse(String(row.attempts));
    const expected = mergedOf(attempts.sort((a, b) => a.attempt - b.attempt));
    const { tests, report, status } = await readJob(deps, id, { orgId: undefined });
    const shown = Object.fromEntries((tests ?? []).map((test) => [test.name, test.status]));
    const sorted = (statuses: object) => JSON.stringify(Object.entries(statuses).sort());
    if (sorted(shown) !== sorted(expected))
      throw new Error(
        `broken: a job shows the tests of its attempts (${id}: ${sorted(shown)} for ${sorted(expected)})`,
      );
    if (status === 'passed' && Object.values(expected).includes('failed'))
      throw new Error(`broken: no job passes with a test that failed last (${id})`);
    if (report?.total !== tests?.length)
      throw new Error(`broken: a report counts the tests of its job (${id})`);
  }
}

/** The tests that a leased job has to run are those that its last failed attempt named. */
export async function checkOnly(
  { deps, named }: Model,
  jobs: readonly { job_id: string; only?: string[] | undefined; next_attempt: number }[],
): Promise<void> {
  for (const { job_id, only, next_attempt } of jobs) {
    const [last] = await deps.sql.read(
      `SELECT max(attempt) AS attempt FROM attempts WHERE job_id = ? AND attempt < ? AND verdict = 'failed'`,
      [job_id, next_attempt],
    );
    const sent = named.get(`${job_id} ${last?.attempt}`) ?? new Set(['']);
    const asked = only === undefined ? '' : JSON.stringify(only);
    if (!sent.has(asked)) {
      const why = `${job_id}: "${asked}" is none of ${JSON.stringify([...sent])}`;
      throw new Error(`broken: a lease names what the last failed attempt left to run (${why})`);
    }
  }
}
