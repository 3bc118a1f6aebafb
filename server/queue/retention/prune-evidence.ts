import type { Deps } from '../store/deps.ts';

/**
 * The run that ended first of those that ended before `before` (epoch ms) and still have their logs and artifacts. SEARCH
 * runs USING INDEX runs_evidence.
 */
export async function oldestWithEvidence(deps: Deps, before: number): Promise<string | undefined> {
  const [row] = await deps.sql.read(
    `SELECT id FROM runs WHERE finished_at IS NOT NULL AND evidence_pruned_at IS NULL AND finished_at < ?
     ORDER BY finished_at LIMIT 1`,
    [before],
  );
  return row && String(row.id);
}

/**
 * Deletes the rows of the artifacts of a run's next jobs after the one with the number `after`, and answers these jobs, whose
 * files are deleted next. After the last job the run is noted as one without logs and artifacts; then the answer is empty.
 */
export async function forgetArtifacts(
  deps: Deps,
  runId: string,
  after: number,
  most: number,
): Promise<{ readonly id: string; readonly seq: number }[]> {
  const rows = await deps.sql.read(
    'SELECT id, seq FROM jobs WHERE run_id = ?1 AND seq > ?2 ORDER BY run_id, seq LIMIT ?3',
    [runId, after, most],
  );
  const jobs = rows.map(({ id, seq }) => ({ id: String(id), seq: Number(seq) }));
  const forget = {
    sql: 'DELETE FROM artifacts WHERE job_id IN (SELECT i.value FROM json_each(?) i)',
    args: [JSON.stringify(jobs.map(({ id }) => id))],
  };
  const note = { sql: 'UPDATE runs SET evidence_pruned_at = ?1 WHERE id = ?2', args: [deps.now(), runId] };
  await deps.sql.write([jobs.length > 0 ? forget : note]);
  return jobs;
}

/** When the logs and artifacts of a run were deleted to make room (epoch ms); undefined: they were not. */
export async function evidencePrunedAt(deps: Deps, runId: string): Promise<number | undefined> {
  const [row] = await deps.sql.read('SELECT evidence_pruned_at AS at FROM runs WHERE id = ?', [runId]);
  return row?.at === null || row?.at === undefined ? undefined : Number(row.at);
}
