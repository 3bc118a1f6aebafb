import type { Deps } from '../store/deps.ts';
import { listOf, type RunRow, readList } from '../store/rows.ts';
import { lineName, runLine } from '../store/run-line.ts';

/** A test that differs between two runs. */
export interface Changed {
  readonly jobId: string;
  readonly testPath: string;
  readonly target: string;
}

/** A run beside an earlier one of the same branch or pull request. */
export interface Comparison {
  readonly earlier: Pick<RunRow, 'id' | 'submittedAt' | 'startedAt' | 'finishedAt' | 'status'>;
  /** Passed there and is red here. */
  readonly newlyRed: readonly Changed[];
  /** Was red there and passed here. */
  readonly fixed: readonly Changed[];
}

/** So many runs of the org are looked through for an earlier one of the same line. */
const runsBack = 300;
/** Tests that are compared and listed at most, either way. */
const most = 100;

/** Never a hunt. SEARCH runs USING INDEX runs_org (org_id=? AND id<?) */
const earlierSql = `SELECT id, submitted_at, started_at, finished_at, status, failed + errored AS red FROM
    (SELECT * FROM runs WHERE org_id = ?1 AND id < ?2 AND hunt_times IS NULL ORDER BY id DESC LIMIT ${runsBack})
  WHERE ${lineName} <> '' AND ${runLine} = (SELECT ${runLine} FROM runs WHERE id = ?2)
    AND finished_at IS NOT NULL AND status <> 'cancelled' LIMIT 1`;

/** As many as there are: then it ends with the last one. SEARCH j USING INDEX jobs_run (run_id=?) */
const redSql = listOf(
  'json_array(test_path, target)',
  `FROM (SELECT j.test_path, j.target FROM jobs j WHERE j.run_id = ?1 AND j.status IN ('failed', 'errored') LIMIT ?2)`,
);

const jobsSql = (status: string) =>
  listOf(
    'json_array(j.id, j.test_path, j.target)',
    `FROM jobs j WHERE j.run_id = ?1 AND j.status IN (${status})
      AND json_array(j.test_path, j.target) IN (SELECT i.value FROM json_each(?2) i)`,
  );

/** The run beside the last finished one of its branch or pull request before it; undefined where there is none, or neither is known. */
export async function compareRuns(deps: Deps, run: RunRow): Promise<Comparison | undefined> {
  const [row] = await deps.sql.read(earlierSql, [run.orgId, run.id]);
  if (!row) return undefined;
  const earlierId = String(row.id);
  const redHere = await readRed(deps, run.id, run.failed + run.errored);
  const redThere = await readRed(deps, earlierId, Number(row.red));
  const passedThere = await readChanged(deps, earlierId, `'passed'`, redHere);
  const red = new Set(passedThere.map(({ testPath, target }) => JSON.stringify([testPath, target])));
  const here = await readChanged(deps, run.id, `'failed', 'errored'`, redHere);
  return {
    earlier: {
      id: earlierId,
      submittedAt: Number(row.submitted_at),
      startedAt: row.started_at as number | null,
      finishedAt: row.finished_at as number | null,
      status: String(row.status),
    },
    newlyRed: here.filter(({ testPath, target }) => red.has(JSON.stringify([testPath, target]))),
    fixed: await readChanged(deps, run.id, `'passed'`, redThere),
  };
}

/** Red tests of a run that has `count` of them. */
const readRed = (deps: Deps, runId: string, count: number): Promise<[string, string][]> =>
  count === 0 ? Promise.resolve([]) : readList(deps, redSql, [runId, Math.min(most, count)]);

/** The jobs of a run that are about these tests and have such a status. */
async function readChanged(
  deps: Deps,
  runId: string,
  status: string,
  tests: readonly (readonly [string, string])[],
): Promise<Changed[]> {
  if (tests.length === 0) return [];
  const keys = JSON.stringify(tests.map((test) => JSON.stringify(test)));
  const rows = await readList<[string, string, string]>(deps, jobsSql(status), [runId, keys]);
  return rows.map(([jobId, testPath, target]) => ({ jobId, testPath, target }));
}
