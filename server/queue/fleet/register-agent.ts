import { and, eq } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import type { DeviceOffer, RegisterAgent, Registered } from '../../../protocol/shapes/agent.ts';
import { agents, devices, jobs } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import { expireLease, expireStatements } from '../leases/index.ts';
import type { Deps } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { placeBatches, writeClocksOf } from './place-batches.ts';

const bootsRemembered = 20;
const startedAnew = 'the agent was started anew';

/**
 * An agent says who it is and what it drives. A new boot id under a known name takes the old process's leases back at
 * once; the same boot id again replaces the device list and releases nothing. `owner` is an org or '' for shared.
 * Errors: `replaced` for the boot id of an earlier process.
 */
export async function registerAgent(deps: Deps, owner: string, body: RegisterAgent): Promise<Registered> {
  const [known] = await deps.db
    .select()
    .from(agents)
    .where(and(eq(agents.owner, owner), eq(agents.name, body.name)));
  const isAnew = known !== undefined && known.bootId !== body.boot_id;
  const replaced = known === undefined ? [] : (JSON.parse(known.replacedBoots) as string[]);
  if (replaced.includes(body.boot_id)) {
    throw new QgjobError('replaced', `a newer process runs as agent ${body.name}; this one must stop`);
  }
  const old = isAnew ? await leasesOf(deps, known.id, body.boot_id) : [];
  const agentId = known?.id ?? newId('agent');
  const now = deps.now();
  const targets = owner === '' ? [] : [...new Set(body.devices.map(({ target }) => target))];
  const clocks = await writeClocksOf(
    deps,
    targets.map((target) => ({ owner, target })),
  );
  await deps.sql.write([
    // The name is taken over first, so that the old process can write nothing between.
    upsertAgent(
      agentId,
      owner,
      body,
      now,
      isAnew ? [...replaced, known.bootId].slice(-bootsRemembered) : replaced,
    ),
    ...old.flatMap(({ leaseId, held }) => expireStatements(deps, { leaseId, why: startedAnew }, held, now)),
    ...upsertPools(owner, body.devices, now),
    // A device that is no longer listed is offline, not gone: its history names it.
    { sql: 'UPDATE devices SET listed = 0 WHERE agent_id = ?', args: [agentId] },
    ...body.devices.map((device) => upsertDevice(agentId, owner, device)),
    ...(owner === '' ? [] : [...clocks, ...placeBatches(now - deps.settings.leaseTtlMs)]),
  ]);
  // A lease whose jobs moved while this was written; expiring one that is gone does nothing.
  for (const { leaseId } of old) await expireLease(deps, { leaseId, why: startedAnew });
  return answer(deps, owner, body.name);
}

/** The live leases of an agent's earlier processes, with their jobs. */
async function leasesOf(deps: Deps, agentId: string, bootId: string) {
  const rows = await deps.sql.read(
    `SELECT id FROM leases WHERE agent_id = ? AND state = 'active' AND boot_id <> ?`,
    [agentId, bootId],
  );
  return Promise.all(
    rows.map(async (row) => {
      const leaseId = String(row.id);
      return { leaseId, held: await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId)) };
    }),
  );
}

const upsertAgent = (
  agentId: string,
  owner: string,
  body: RegisterAgent,
  now: number,
  replaced: readonly string[],
): Statement => ({
  sql: `INSERT INTO agents (id, owner, name, boot_id, version, registered_at, last_seen_at, replaced_boots)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)
        ON CONFLICT (owner, name) DO UPDATE SET boot_id = excluded.boot_id, version = excluded.version, drain = 0,
          last_seen_at = excluded.last_seen_at, replaced_boots = excluded.replaced_boots`,
  args: [agentId, owner, body.name, body.boot_id, body.version, now, JSON.stringify(replaced)],
});

const upsertPools = (owner: string, offers: readonly DeviceOffer[], now: number): Statement[] =>
  [...new Set(offers.map((offer) => offer.target))].map((target) => ({
    sql: `INSERT INTO pools (owner, target, offered_at) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET offered_at = coalesce(offered_at, excluded.offered_at)`,
    args: [owner, target, now],
  }));

const upsertDevice = (agentId: string, owner: string, offer: DeviceOffer): Statement => ({
  sql: `INSERT INTO devices (id, agent_id, name, owner, target, pool_id, platform, os_version, labels, installed_group_id)
        SELECT ?1, a.id, ?2, ?3, ?4, p.id, ?5, ?6, ?7,
          (SELECT id FROM groups WHERE org_id = ?8 AND app_version_id = ?9 AND target = ?4 AND ?3 IN ('', org_id))
        FROM agents a CROSS JOIN pools p WHERE a.id = ?10 AND p.owner = ?3 AND p.target = ?4
        ON CONFLICT (agent_id, name) DO UPDATE SET listed = 1, target = excluded.target, pool_id = excluded.pool_id,
          platform = excluded.platform, os_version = excluded.os_version, labels = excluded.labels,
          installed_group_id = CASE WHEN ?8 IS NULL THEN installed_group_id ELSE excluded.installed_group_id END`,
  args: [
    newId('device'),
    offer.name,
    owner,
    offer.target,
    offer.platform ?? null,
    offer.os_version ?? null,
    JSON.stringify(offer.labels ?? {}),
    offer.installed?.org_id ?? null,
    offer.installed?.app_version_id ?? null,
    agentId,
  ],
});

async function answer(deps: Deps, owner: string, name: string): Promise<Registered> {
  const rows = await deps.db
    .select({ agentId: agents.id, deviceId: devices.id, device: devices.name })
    .from(agents)
    .leftJoin(devices, and(eq(devices.agentId, agents.id), eq(devices.listed, 1)))
    .where(and(eq(agents.owner, owner), eq(agents.name, name)));
  return {
    agent_id: rows[0]?.agentId ?? '',
    devices: rows.flatMap(({ deviceId, device }) =>
      deviceId && device ? [{ device_id: deviceId, name: device }] : [],
    ),
    lease_ttl_ms: deps.settings.leaseTtlMs,
    heartbeat_ms: deps.settings.heartbeatMs,
  };
}
