import type { Deps } from '../store/deps.ts';

/** A job whose rows are about to be deleted. */
export interface PrunedJob {
  readonly id: string;
  readonly seq: number;
}

/**
 * Deletes the rows of runs that ended before `before` (epoch ms), the oldest first, at most `most`, and notes them, so that
 * their jobs are deleted next: from now on nobody finds such a run, and its idempotency key is free. A run whose retry is not
 * final stays. Answers how many. SEARCH runs USING INDEX runs_finished.
 */
export async function pruneRuns(deps: Deps, before: number, most: number): Promise<number> {
  const [noted = []] = await deps.sql.write([
    {
      sql: `INSERT INTO pruned_runs (id, pruned_at) SELECT r.id, ?1 FROM runs r
            WHERE r.finished_at IS NOT NULL AND r.finished_at < ?2 AND NOT EXISTS (
              SELECT 1 FROM runs later WHERE later.retry_of = r.id AND later.finished_at IS NULL)
            ORDER BY r.finished_at LIMIT ?3 RETURNING id`,
      args: [deps.now(), before, most],
    },
    { sql: 'DELETE FROM runs WHERE id IN (SELECT p.id FROM pruned_runs p)' },
  ]);
  return noted.length;
}

/** Some jobs of pruned runs, whose files are deleted before their rows: so no file is left that nobody knows. */
export async function jobsOfPrunedRuns(deps: Deps, most: number): Promise<PrunedJob[]> {
  const rows = await deps.sql.read(
    'SELECT j.id, j.seq FROM pruned_runs p CROSS JOIN jobs j ON j.run_id = p.id LIMIT ?',
    [most],
  );
  return rows.map(({ id, seq }) => ({ id: String(id), seq: Number(seq) }));
}

/**
 * Deletes jobs with all that belongs to them, and what is left of pruned runs that have no more jobs. What outlives runs
 * (durations of tests, set-ups of groups) goes later, with what nobody uses (prune-unused.ts).
 */
export async function deleteJobs(deps: Deps, jobs: readonly PrunedJob[]): Promise<void> {
  const ids = JSON.stringify(jobs.map(({ id }) => id));
  const seqs = JSON.stringify(jobs.map(({ seq }) => seq));
  const done = 'SELECT p.id FROM pruned_runs p WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.run_id = p.id)';
  await deps.sql.write([
    { sql: 'DELETE FROM artifacts WHERE job_id IN (SELECT i.value FROM json_each(?) i)', args: [ids] },
    { sql: 'DELETE FROM attempts WHERE job_id IN (SELECT i.value FROM json_each(?) i)', args: [ids] },
    { sql: 'DELETE FROM jobs WHERE seq IN (SELECT i.value FROM json_each(?) i)', args: [seqs] },
    // First out of the sums of its pool, which a trigger keeps.
    { sql: `UPDATE batches SET virtual = 0 WHERE virtual = 1 AND run_id IN (${done})` },
    { sql: `DELETE FROM batches WHERE run_id IN (${done})` },
    { sql: `DELETE FROM github_checks WHERE run_id IN (${done})` },
    { sql: `DELETE FROM pruned_runs WHERE id IN (${done})` },
  ]);
}
