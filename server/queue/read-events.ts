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
    'SELECT seq, type, run_id, job_id, agent_id, pool_id, n FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
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
