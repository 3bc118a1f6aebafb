import type { Deps } from '../store/deps.ts';
import { listOf, readList } from '../store/rows.ts';

const namesSql = listOf(
  `json_array(d.id, coalesce(a.name || '/', '') || d.name)`,
  'FROM json_each(?1) i CROSS JOIN devices d ON d.id = i.value LEFT JOIN agents a ON a.id = d.agent_id',
);

/** `rack-1/pixel-8` by the ids of devices. One that is gone has none. SEARCH d, a USING INDEX (id=?) */
export async function namesOfDevices(deps: Deps, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  return new Map(await readList<[string, string]>(deps, namesSql, [JSON.stringify([...new Set(ids)])]));
}
