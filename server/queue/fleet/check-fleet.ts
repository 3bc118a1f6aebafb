import type { DeviceOffer } from '../../../protocol/shapes/registration.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { overQuota, quotaSql } from '../store/quotas.ts';

/** SEARCH a USING INDEX agents_name (owner=?), d USING INDEX devices_name (agent_id=?) */
const fleetSql = `SELECT ${quotaSql('agents', 'o.quotas')} AS may_agents, ${quotaSql('devices', 'o.quotas')} AS may_devices,
    (SELECT count(*) FROM agents a WHERE a.owner = o.id AND a.last_seen_at >= ?3 AND a.name <> ?2) AS agents,
    (SELECT count(*) FROM agents a CROSS JOIN devices d ON d.agent_id = a.id
     WHERE a.owner = o.id AND a.last_seen_at >= ?3 AND a.name <> ?2 AND d.listed = 1) AS devices
  FROM orgs o WHERE o.id = ?1`;

/** Errors: `rate_limited` where the org's other agents that are online leave no room for this one or its devices. */
export async function checkFleet(
  deps: Deps,
  orgId: string,
  name: string,
  offers: readonly DeviceOffer[],
): Promise<void> {
  const [row] = await deps.sql.read(fleetSql, [orgId, name, onlineSince(deps)]);
  if (!row) return;
  const check = (quota: 'agents' | 'devices', has: number, more: number, may: unknown) => {
    if (may !== null && has + more > Number(may))
      throw overQuota(orgId, quota, has, Number(may), quota === 'agents' ? `agent ${name}` : `these ${more}`);
  };
  check('agents', Number(row.agents), 1, row.may_agents);
  check('devices', Number(row.devices), offers.length, row.may_devices);
}
