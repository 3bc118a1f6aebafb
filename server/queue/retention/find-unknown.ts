import type { Deps } from '../store/deps.ts';

/** Those of these ids that are no job's. SEARCH j USING INDEX jobs_id (id=?). */
export async function findUnknownJobs(deps: Deps, ids: readonly string[]): Promise<string[]> {
  const rows = await deps.sql.read(
    `SELECT i.value AS id FROM json_each(?) i WHERE NOT EXISTS (SELECT 1 FROM jobs j WHERE j.id = i.value)`,
    [JSON.stringify(ids)],
  );
  return rows.map(({ id }) => String(id));
}

/** Those of these ids that are no artifact's. SEARCH a USING INDEX sqlite_autoindex_artifacts_1 (id=?). */
export async function findUnknownArtifacts(deps: Deps, ids: readonly string[]): Promise<Set<string>> {
  const rows = await deps.sql.read(
    `SELECT i.value AS id FROM json_each(?) i WHERE NOT EXISTS (SELECT 1 FROM artifacts a WHERE a.id = i.value)`,
    [JSON.stringify(ids)],
  );
  return new Set(rows.map(({ id }) => String(id)));
}
