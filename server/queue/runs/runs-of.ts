import type { Run } from '../../../protocol/shapes/run.ts';
import { inArray } from '../../db/drizzle.ts';
import { runs } from '../../db/schema.ts';
import type { Deps } from '../store/deps.ts';
import { toRun } from '../store/to-wire.ts';

/** The runs with these ids, by id. SEARCH runs USING INDEX sqlite_autoindex_runs_1 (id=?) */
export async function runsOf(deps: Deps, ids: readonly string[]): Promise<Map<string, Run>> {
  if (ids.length === 0) return new Map();
  const rows = await deps.db
    .select()
    .from(runs)
    .where(inArray(runs.id, [...new Set(ids)]));
  return new Map(rows.map((row) => [row.id, toRun(row, deps.settings.publicUrl)]));
}
