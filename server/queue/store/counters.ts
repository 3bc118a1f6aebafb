import { jobStatuses } from '../../../protocol/states.ts';
import type { Statement } from '../../db/statement.ts';

/** The transitions of this commit. */
export const freshTransitions = 'e.seq > (SELECT seq FROM counted_events WHERE id = 1) AND e.was IS NOT NULL';

/** How the transitions change the number of jobs in one state. */
const delta = (status: string) => `sum((e.type = '${status}') - (e.was = '${status}'))`;
const queuedBy = `(e.type = 'queued') - (e.was = 'queued')`;
const waitingBy = `(e.type = 'waiting') - (e.was = 'waiting')`;
const leasedBy = `(e.type IN ('scheduled', 'running')) - (e.was IN ('scheduled', 'running'))`;

const runsSql = `UPDATE runs SET rev = f.rev, changed_at = f.at,
    ${jobStatuses.map((status) => `${status} = runs.${status} + f.${status}`).join(', ')},
    flaky = runs.flaky + f.flaky, attempts = attempts + f.started,
    status = CASE WHEN status = 'queued' AND f.started > 0 THEN 'running' ELSE status END,
    started_at = CASE WHEN f.started > 0 THEN coalesce(started_at, f.at) ELSE started_at END
  FROM (SELECT e.run_id, max(e.seq) AS rev, max(e.at) AS at, sum(e.started) AS started,
      ${jobStatuses.map((status) => `coalesce(${delta(status)}, 0) AS ${status}`).join(', ')},
      sum(e.type = 'passed' AND (SELECT outcome FROM jobs WHERE seq = e.job_seq) = 'flaky') AS flaky
    FROM events e
    WHERE e.seq > (SELECT seq FROM counted_events WHERE id = 1) AND (e.was IS NOT NULL OR e.type = 'cancel_requested')
    GROUP BY e.run_id) f
  WHERE runs.id = f.run_id`;

// The queued jobs of hunts (hunt-priority.ts) are counted apart, so that nothing else is ranked beside them.
const batchesSql = `UPDATE batches SET queued = batches.queued + iif(priority > 0, f.n, 0),
    queued_ms = batches.queued_ms + iif(priority > 0, f.ms, 0), hunted = batches.hunted + iif(priority > 0, 0, f.n)
  FROM (SELECT j.batch_id, sum(${queuedBy}) AS n, sum(j.estimate_ms * (${queuedBy})) AS ms
    FROM events e CROSS JOIN jobs j ON j.seq = e.job_seq
    WHERE ${freshTransitions} AND 'queued' IN (e.type, e.was) GROUP BY j.batch_id) f
  WHERE batches.id = f.batch_id`;

const groupsSql = `UPDATE groups SET queued = groups.queued + f.n, queued_ms = groups.queued_ms + f.ms,
    leased = groups.leased + f.leased, waiting = groups.waiting + f.waiting
  FROM (SELECT j.group_id, sum((j.priority > 0) * (${queuedBy})) AS n,
      sum((j.priority > 0) * j.estimate_ms * (${queuedBy})) AS ms, sum(${leasedBy}) AS leased,
      sum(${waitingBy}) AS waiting
    FROM events e CROSS JOIN jobs j ON j.seq = e.job_seq WHERE ${freshTransitions} GROUP BY j.group_id) f
  WHERE groups.id = f.group_id`;

/**
 * Turn the transitions of this commit into counters of runs, batches and groups. Once per commit, for all rows together:
 * three updates per job would cost more than its transition. Plan: SEARCH e USING INTEGER PRIMARY KEY (rowid>?).
 */
export const countOfRuns: Statement = { sql: runsSql };
export const countOfBatches: Statement = { sql: batchesSql };
export const countOfGroups: Statement = { sql: groupsSql };

/** The last statement of a commit: its events are counted. */
export const markCounted: Statement = {
  sql: 'UPDATE counted_events SET seq = (SELECT coalesce(max(seq), 0) FROM events) WHERE id = 1',
};
