import type { DeviceOffer, RegisterAgent } from '../../../protocol/shapes/registration.ts';
import type { Statement } from '../../db/statement.ts';
import { newId } from '../store/new-id.ts';
import { mayHaveSql, mayTakeSql, type Registrant } from './claim-name.ts';

/** The row of an agent; it answers the id where the token may have the name (`mayHaveSql`, `mayTakeSql`). */
export const upsertAgent = (
  agentId: string,
  owner: string,
  body: RegisterAgent,
  now: number,
  replaced: readonly string[],
  by: Registrant | undefined,
): Statement => ({
  // Of two tokens that want one name at once the first one gets it, and of two names for one token the first.
  sql: `INSERT INTO agents (id, owner, name, boot_id, version, registered_at, last_seen_at, replaced_boots, token_id)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8 WHERE ?8 IS NULL OR ${mayHaveSql('?8', '?3')}
        ON CONFLICT (owner, name) DO UPDATE SET boot_id = excluded.boot_id, version = excluded.version,
          drain = iif(boot_id = excluded.boot_id, drain, 0),
          last_seen_at = excluded.last_seen_at, replaced_boots = excluded.replaced_boots, token_id = excluded.token_id
          WHERE ?8 IS NULL OR ${mayTakeSql('agents.token_id', '?9', '?6')}
        RETURNING id`,
  args: [
    agentId,
    owner,
    body.name,
    body.boot_id,
    body.version,
    now,
    JSON.stringify(replaced),
    by?.tokenId ?? null,
    by?.rootId ?? null,
  ],
});

export const upsertPools = (owner: string, listed: readonly DeviceOffer[], now: number): Statement[] =>
  [...new Set(listed.map((device) => device.target))].map((target) => ({
    sql: `INSERT INTO pools (owner, target, offered_at) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET offered_at = coalesce(offered_at, excluded.offered_at)`,
    args: [owner, target, now],
  }));

/** The row of a device, where the agent is still of this process. */
export const upsertDevice = (
  { agentId, bootId }: { readonly agentId: string; readonly bootId: string },
  owner: string,
  device: DeviceOffer,
): Statement => ({
  sql: `INSERT INTO devices (id, agent_id, name, owner, target, pool_id, platform, os_version, labels, fault, installed_group_id)
        SELECT ?1, a.id, ?2, ?3, ?4, p.id, ?5, ?6, ?7, ?11,
          (SELECT id FROM groups WHERE org_id = ?8 AND app_version_id = ?9 AND target = ?4 AND ?3 IN ('', org_id))
        FROM agents a CROSS JOIN pools p WHERE a.id = ?10 AND a.boot_id = ?12 AND p.owner = ?3 AND p.target = ?4
        ON CONFLICT (agent_id, name) DO UPDATE SET listed = 1, target = excluded.target, pool_id = excluded.pool_id,
          platform = excluded.platform, os_version = excluded.os_version, labels = excluded.labels, fault = excluded.fault,
          installed_group_id = CASE WHEN ?8 IS NULL OR doubted = 1 THEN installed_group_id ELSE excluded.installed_group_id END`,
  args: [
    newId('device'),
    device.name,
    owner,
    device.target,
    device.platform ?? null,
    device.os_version ?? null,
    JSON.stringify(device.labels ?? {}),
    device.installed?.org_id ?? null,
    device.installed?.app_version_id ?? null,
    agentId,
    device.fault ?? null,
    bootId,
  ],
});
