import type { Deps } from './deps.ts';
import { listOf, readList } from './rows.ts';

/** An event, as the event notifier needs it. */
export interface QueueEvent {
  readonly seq: number;
  readonly type: string;
  readonly runId: string | null;
  readonly jobId: string | null;
  readonly agentId: string | null;
  readonly poolId: number | null;
  readonly n: number;
  /** Somebody cancelled a job that was leased and had not started: its lease may have ended, while its agent installs for it. */
  readonly isTakenBack: boolean;
}

const eventsPerRead = 5000;

const eventsSql = listOf(
  `json_array(seq, type, run_id, job_id, agent_id, pool_id, n, taken_back)`,
  `FROM (SELECT e.seq, e.type, e.run_id, e.job_id, e.agent_id, CASE WHEN e.type = 'queued' THEN
      (SELECT b.pool_id FROM jobs j CROSS JOIN batches b ON b.id = j.batch_id WHERE j.seq = e.job_seq)
      ELSE e.pool_id END AS pool_id, e.n,
      CASE WHEN e.type = 'cancelled' AND e.was = 'scheduled' THEN
        (SELECT j.outcome = 'cancelled' FROM jobs j WHERE j.seq = e.job_seq) END AS taken_back
    FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ${eventsPerRead})`,
);

type EventRow = [
  seq: number,
  type: string,
  runId: string | null,
  jobId: string | null,
  agentId: string | null,
  poolId: number | null,
  n: number,
  takenBack: number | null,
];

/** The events after `seq`, in order; at most 5000. */
export async function readEvents(deps: Deps, seq: number): Promise<QueueEvent[]> {
  const rows = await readList<EventRow>(deps, eventsSql, [seq]);
  return rows.map(([number, type, runId, jobId, agentId, poolId, n, takenBack]) => {
    return { seq: number, type, runId, jobId, agentId, poolId, n, isTakenBack: takenBack === 1 };
  });
}

/** The number of the last event (SQL); 0 for an empty database. The revs of a write begin above it. */
export const lastEventSql = '(SELECT coalesce(max(seq), 0) FROM events)';

/** The number of the last event; 0 for an empty database. */
export async function lastEvent(deps: Deps): Promise<number> {
  const [row] = await deps.sql.read('SELECT max(seq) AS seq FROM events');
  return Number(row?.seq ?? 0);
}
