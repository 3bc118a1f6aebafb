import type { Agent } from '../../../protocol/shapes/fleet.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { selectAgents, toAgent } from './list-fleet.ts';

/** The agents with these ids, by id. SEARCH a USING INDEX sqlite_autoindex_agents_1 (id=?) */
export async function agentsOf(deps: Deps, ids: readonly string[]): Promise<Map<string, Agent>> {
  if (ids.length === 0) return new Map();
  const sql = `${selectAgents} WHERE a.id IN (SELECT value FROM json_each(?1))`;
  const rows = await deps.sql.read(sql, [JSON.stringify([...new Set(ids)]), null, null, onlineSince(deps)]);
  return new Map(rows.map(toAgent).map((agent) => [agent.agent_id, agent]));
}
