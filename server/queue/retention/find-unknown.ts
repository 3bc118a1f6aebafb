import type { Deps } from '../store/deps.ts';

/** Those of these ids that are no job's. SEARCH j USING INDEX jobs_id (id=?). */
export async function findUnknownJobs(deps: Deps, ids: readonly string[]): Promise<string[]> {
  const rows = await deps.sql.read(
    `SELECT i.value AS id FROM json_each(?) i WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = i.value)`,
    [JSON.stringify(ids)],
  );
  return rows.map(({ id }) => String(id));
}
