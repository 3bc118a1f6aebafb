import type { Deps } from './deps.ts';

/** One thing that happened, as the dispatcher needs it. */
export interface Happened {
  readonly seq: number;
  readonly type: string;
  readonly runId: string | null;
  readonly jobId: string | null;
  readonly agentId: string | null;
  readonly poolId: number | null;
  readonly n: number;
}

const eventsPerRead = 5000;

/** What happened after `seq`, in order. */
export async function readEvents(deps: Deps, seq: number): Promise<Happened[]> {
  const rows = await deps.gate.read(
    `SELECT e.seq, e.type, e.run_id, e.job_id, e.agent_id, e.n, CASE WHEN e.type = 'queued' THEN
       (SELECT b.pool_id FROM jobs j CROSS JOIN batches b ON b.id = j.batch_id WHERE j.seq = e.job_seq)
       ELSE e.pool_id END AS pool_id
     FROM events e WHERE e.seq > ? ORDER BY e.seq LIMIT ?`,
    [seq, eventsPerRead],
  );
  return rows.map((row) => ({
    seq: Number(row.seq),
    type: String(row.type),
    runId: row.run_id as string | null,
    jobId: row.job_id as string | null,
    agentId: row.agent_id as string | null,
    poolId: row.pool_id as number | null,
    n: Number(row.n),
  }));
}

export async function lastEvent(deps: Deps): Promise<number> {
  const [row] = await deps.gate.read('SELECT max(seq) AS seq FROM events');
  return Number(row?.seq ?? 0);
}
