import type { Row } from '@libsql/client';
import { QgjobError } from '../../../protocol/errors.ts';
import { type FoundByHunt, readVerdicts, resultsOfJob } from '../ledger/index.ts';
import { cancelJobs } from '../store/cancel-jobs.ts';
import type { Deps } from '../store/deps.ts';
import { readOrigin } from './find-source.ts';
import { type QuarantinedTest, toQuarantinedTest } from './quarantined-test.ts';

const perStep = 10;

/** Quarantines whose hunt is over, or was deleted. SCAN q USING INDEX quarantines_hunted, which holds no others; SEARCH r USING INDEX sqlite_autoindex_runs_1 (id=?) */
const overSql = `SELECT q.*, r.finished_at AS ended, r.hunt_times AS times, r.metadata, r.settings
  FROM quarantines q LEFT JOIN runs r ON r.id = q.hunt_run_id
  WHERE q.hunt_run_id IS NOT NULL AND (r.id IS NULL OR r.finished_at IS NOT NULL) LIMIT ${perStep}`;

/**
 * The one that still names the hunt gets its result, and a trigger tells the webhooks in the same commit: so each is told once,
 * by whichever server. Without a verdict there is nothing to tell, and what an earlier hunt has found stays.
 */
const settleSql = `UPDATE quarantines SET hunt_run_id = NULL, last_hunt = coalesce(?3, last_hunt)
  WHERE id = ?1 AND hunt_run_id = ?2`;

/**
 * Writes down what hunts have found that are over; true: there may be more. A result that cannot be read is given to `onError`, and
 * holds up no other one. Errors: `unavailable`, after which nothing is lost.
 */
export async function settleHunts(deps: Deps, onError: (error: unknown) => void): Promise<boolean> {
  const rows = await deps.sql.read(overSql);
  for (const row of rows) {
    const found = await findResult(deps, row).catch((error: unknown) => {
      if (error instanceof QgjobError && error.code === 'unavailable') throw error;
      onError(error);
    });
    await deps.sql.write([
      {
        sql: settleSql,
        args: [String(row.id), String(row.hunt_run_id), found ? JSON.stringify(found) : null],
      },
    ]);
  }
  return rows.length === perStep;
}

/** Undefined: it had no verdict, or its run is deleted. */
async function findResult(deps: Deps, row: Row): Promise<FoundByHunt | undefined> {
  if (row.ended === null) return undefined;
  const runId = String(row.hunt_run_id);
  const counts = await countVerdicts(deps, toQuarantinedTest(row), runId);
  if (counts.observed === 0) return undefined;
  const [times, ended_at] = [Number(row.times), Number(row.ended)];
  return { run_id: runId, ended_at, times, ...counts, ...readOrigin(row) };
}

/**
 * Counted as the ledger counts: executions in which the test itself, a case or the file, had a verdict. One that passes after its
 * agent was lost with it has none: nobody knows that the test was not the reason.
 */
async function countVerdicts(deps: Deps, test: QuarantinedTest, runId: string) {
  const jobs = await deps.sql.read('SELECT id, crashes FROM jobs WHERE run_id = ?', [runId]);
  let [observed, failed] = [0, 0];
  // One by one: an execution may list thousands of cases.
  for (const { id, crashes } of jobs) {
    const verdicts = await readVerdicts(deps, [String(id)]);
    const result = resultsOfJob(test, verdicts.get(String(id)) ?? []).find(
      ({ testId }) => testId === test.testId,
    );
    observed += result && (result.failed || crashes === 0) ? 1 : 0;
    failed += result?.failed ? 1 : 0;
  }
  return { observed, failed };
}

/** The hunts that go on of quarantines that have ended, by themselves or by somebody. `+`: by the few that are hunted, and not by all that ended. SCAN q USING INDEX quarantines_hunted */
const openSql = `SELECT q.hunt_run_id FROM quarantines q CROSS JOIN runs r ON r.id = q.hunt_run_id
  WHERE q.hunt_run_id IS NOT NULL AND +q.ends_at <= ?1 AND r.finished_at IS NULL`;

/** Cancels the hunts of quarantines that have ended: nobody waits for what they find. */
export async function endHunts(deps: Deps): Promise<void> {
  const now = deps.now();
  for (const { hunt_run_id: id } of await deps.sql.read(openSql, [now]))
    await deps.sql.write(cancelJobs('run_id = ?1', [String(id), now]));
}
