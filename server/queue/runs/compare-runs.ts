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
const earlierSql = `SELECT id, submitted_at, started_at, finished_at, status FROM
    (SELECT * FROM runs WHERE org_id = ?1 AND id < ?2 AND hunt_times IS NULL ORDER BY id DESC LIMIT ${runsBack})
  WHERE ${lineName} <> '' AND ${runLine} = (SELECT ${runLine} FROM runs WHERE id = ?2)
    AND finished_at IS NOT NULL AND status <> 'cancelled' LIMIT 1`;

/** SEARCH j USING INDEX jobs_red (run_id=?) */
const redSql = listOf(
  'json_array(id, test_path, target)',
  `FROM (SELECT j.id, j.test_path, j.target FROM jobs j
    WHERE j.run_id = ?1 AND j.status IN ('failed', 'errored') LIMIT ${most})`,
);

/** SEARCH j USING INDEX jobs_run_path (run_id=? AND test_path=?), for each test */
const passedSql = listOf(
  'json_array(j.id, j.test_path, j.target)',
  `FROM json_each(?2) i CROSS JOIN jobs j ON j.run_id = ?1 AND j.test_path = i.value ->> 0
    WHERE j.status = 'passed' AND j.target = i.value ->> 1`,
);

/** The run beside the last finished one of its branch or pull request before it; undefined where there is none, or neither is known. */
export async function compareRuns(deps: Deps, run: RunRow): Promise<Comparison | undefined> {
  const [row] = await deps.sql.read(earlierSql, [run.orgId, run.id]);
  if (!row) return undefined;
  const earlierId = String(row.id);
  const redHere = await readRed(deps, run.id);
  const redThere = await readRed(deps, earlierId);
  const passedThere = new Set((await readPassed(deps, earlierId, redHere)).map(keyOf));
  return {
    earlier: {
      id: earlierId,
      submittedAt: Number(row.submitted_at),
      startedAt: row.started_at as number | null,
      finishedAt: row.finished_at as number | null,
      status: String(row.status),
    },
    newlyRed: redHere.filter((test) => passedThere.has(keyOf(test))),
    fixed: await readPassed(deps, run.id, redThere),
  };
}

const keyOf = ({ testPath, target }: Changed): string => JSON.stringify([testPath, target]);

const readRed = async (deps: Deps, runId: string): Promise<Changed[]> =>
  toChanged(await readList<ChangedRow>(deps, redSql, [runId]));

/** The jobs of a run that are about the tests of these and have passed. */
async function readPassed(deps: Deps, runId: string, tests: readonly Changed[]): Promise<Changed[]> {
  if (tests.length === 0) return [];
  const keys = JSON.stringify(tests.map(({ testPath, target }) => [testPath, target]));
  return toChanged(await readList<ChangedRow>(deps, passedSql, [runId, keys]));
}

type ChangedRow = [jobId: string, testPath: string, target: string];

const toChanged = (rows: readonly ChangedRow[]): Changed[] =>
  rows.map(([jobId, testPath, target]) => ({ jobId, testPath, target }));
