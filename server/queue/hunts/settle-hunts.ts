import { type FoundByHunt, readVerdicts, resultsOfJob } from '../ledger/index.ts';
import type { Deps } from '../store/deps.ts';
import { type QuarantinedTest, toQuarantinedTest } from './quarantined-test.ts';

const perStep = 10;

/** Quarantines whose hunt is over, or was deleted. SCAN q USING INDEX quarantines_hunted, which holds no others; SEARCH r USING INDEX sqlite_autoindex_runs_1 (id=?) */
const overSql = `SELECT q.*, r.finished_at AS ended FROM quarantines q LEFT JOIN runs r ON r.id = q.hunt_run_id
  WHERE q.hunt_run_id IS NOT NULL AND (r.id IS NULL OR r.finished_at IS NOT NULL) LIMIT ${perStep}`;

/**
 * The one that still names the hunt gets its result, and a trigger tells the webhooks in the same commit: so each is told once,
 * by whichever server. Without a verdict there is nothing to tell, and what an earlier hunt has found stays.
 */
const settleSql = `UPDATE quarantines SET hunt_run_id = NULL, last_hunt = coalesce(?3, last_hunt)
  WHERE id = ?1 AND hunt_run_id = ?2`;

/** Writes down what hunts have found that are over; true: there may be more. */
export async function settleHunts(deps: Deps): Promise<boolean> {
  const rows = await deps.sql.read(overSql);
  for (const row of rows) {
    const test = toQuarantinedTest(row);
    const runId = String(row.hunt_run_id);
    const found = row.ended === null ? undefined : await findResult(deps, test, runId, Number(row.ended));
    await deps.sql.write([
      { sql: settleSql, args: [test.quarantineId, runId, found ? JSON.stringify(found) : null] },
    ]);
  }
  return rows.length === perStep;
}

/** Counted as the ledger counts: executions in which the test itself, a case or the file, had a verdict. */
async function findResult(
  deps: Deps,
  test: QuarantinedTest,
  runId: string,
  endedAt: number,
): Promise<FoundByHunt | undefined> {
  const jobs = await deps.sql.read('SELECT id FROM jobs WHERE run_id = ?', [runId]);
  let [observed, failed] = [0, 0];
  // One by one: an execution may list thousands of cases.
  for (const { id } of jobs) {
    const verdicts = await readVerdicts(deps, [String(id)]);
    const result = resultsOfJob(test, verdicts.get(String(id)) ?? []).find(
      ({ testId }) => testId === test.testId,
    );
    observed += result ? 1 : 0;
    failed += result?.failed ? 1 : 0;
  }
  return observed === 0 ? undefined : { run_id: runId, ended_at: endedAt, observed, failed };
}
