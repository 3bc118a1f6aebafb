import type { Deps } from './deps.ts';
import { listOf, readList } from './rows.ts';

/** An event, as the event notifier needs it. */
export interface QueueEvent {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly type: string;
  readonly orgId: string;
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
  `json_array(seq, at, type, org_id, run_id, job_id, agent_id, pool_id, n, taken_back)`,
  `FROM (SELECT e.seq, e.at, e.type, e.org_id, e.run_id, e.job_id, e.agent_id, CASE WHEN e.type = 'queued' THEN
      (SELECT b.pool_id FROM jobs j CROSS JOIN batches b ON b.id = j.batch_id WHERE j.seq = e.job_seq)
      ELSE e.pool_id END AS pool_id, e.n,
      CASE WHEN e.type = 'cancelled' AND e.was = 'scheduled' THEN
        (SELECT j.outcome = 'cancelled' FROM jobs j WHERE j.seq = e.job_seq) END AS taken_back
    FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ${eventsPerRead})`,
);

type EventRow = [
  seq: number,
  at: number,
  type: string,
  orgId: string,
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
  return rows.map(([number, at, type, orgId, runId, jobId, agentId, poolId, n, takenBack]) => {
    return { seq: number, at, type, orgId, runId, jobId, agentId, poolId, n, isTakenBack: takenBack === 1 };
  });
}

/** The number of the last event (SQL); 0 for an empty database. The revs of a write begin above it. */
export const lastEventSql = '(SELECT coalesce(max(seq), 0) FROM events)';

/** The number of the last event; 0 for an empty database. */
export async function lastEvent(deps: Deps): Promise<number> {
  const [row] = await deps.sql.read('SELECT max(seq) AS seq FROM events');
  return Number(row?.seq ?? 0);
}

/** The number of the oldest event that is still there; undefined for an empty table. */
export async function firstEvent(deps: Deps): Promise<number | undefined> {
  const [row] = await deps.sql.read('SELECT min(seq) AS seq FROM events');
  return row?.seq === null || row?.seq === undefined ? undefined : Number(row.seq);
}
