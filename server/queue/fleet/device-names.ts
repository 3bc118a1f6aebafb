import type { Deps } from '../store/deps.ts';

/** The names of the devices with these ids, by id. SEARCH devices USING INDEX sqlite_autoindex_devices_1 (id=?) */
export async function deviceNames(deps: Deps, ids: readonly string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await deps.sql.read(
    'SELECT id, name FROM devices WHERE id IN (SELECT value FROM json_each(?))',
    [JSON.stringify([...new Set(ids)])],
  );
  return new Map(rows.map(({ id, name }) => [String(id), String(name)]));
}
