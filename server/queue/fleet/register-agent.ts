import { QgjobError } from '../../../protocol/errors.ts';
import type { DeviceOffer, RegisterAgent, Registered } from '../../../protocol/shapes/registration.ts';
import { and, eq } from '../../db/drizzle.ts';
import { agents, devices, jobs } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import { countExpired, type Expiring, expireLease, expireStatements } from '../leases/index.ts';
import { type Actor, auditStatement } from '../store/audit-line.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { checkFleet } from './check-fleet.ts';
import { claimName } from './claim-name.ts';
import { placeBatches, writeClocksOf } from './place-batches.ts';

/** Who registers an agent. */
interface Registering {
  /** Its token, which must be good for the name (`claimName`); undefined for the operator's. */
  readonly tokenId?: string | undefined;
  /** The audit log tells of an agent that is new, or was started anew. */
  readonly by?: Actor;
}

const bootsRemembered = 20;
const restarted = 'the agent was started anew';

/**
 * Registers an agent with its devices. A new boot id under a known name expires the leases of the old process at
 * once; the same boot id again replaces the list of devices and expires nothing. `owner` is an org, or '' for a
 * shared agent. Errors: `replaced` for the boot id of an earlier process; `forbidden`; `rate_limited`.
 */
export async function registerAgent(
  deps: Deps,
  owner: string,
  body: RegisterAgent,
  { tokenId, by }: Registering = {},
): Promise<Registered> {
  const [known] = await deps.db
    .select()
    .from(agents)
    .where(and(eq(agents.owner, owner), eq(agents.name, body.name)));
  const isNewBoot = known !== undefined && known.bootId !== body.boot_id;
  const replaced = known === undefined ? [] : (JSON.parse(known.replacedBoots) as string[]);
  if (replaced.includes(body.boot_id)) {
    throw new QgjobError('replaced', `a newer process runs as agent ${body.name}; this one must stop`);
  }
  if (tokenId !== undefined) await claimName(deps, tokenId, body.name, known);
  await checkFleet(deps, owner, body.name, body.devices);
  const old = isNewBoot ? await leasesOf(deps, known.id, body.boot_id) : [];
  const agentId = known?.id ?? newId('agent');
  const now = deps.now();
  const targets = owner === '' ? [] : [...new Set(body.devices.map(({ target }) => target))];
  const clocks = await writeClocksOf(
    deps,
    targets.map((target) => ({ owner, target })),
  );
  const expiring = old.map(({ leaseId, leased }) =>
    expireStatements(deps, { leaseId, why: restarted }, leased, now),
  );
  const [, ...results] = await deps.sql.write([
    // First the new boot id, so that the old process can write nothing any more.
    upsertAgent(
      agentId,
      owner,
      body,
      now,
      isNewBoot ? [...replaced, known.bootId].slice(-bootsRemembered) : replaced,
      tokenId,
    ),
    ...expiring.flatMap(({ statements }) => statements),
    ...upsertPools(owner, body.devices, now),
    // A device that is no longer listed is offline and not deleted, since attempts and leases name it.
    { sql: 'UPDATE devices SET listed = 0 WHERE agent_id = ?', args: [agentId] },
    ...body.devices.map((device) => upsertDevice(agentId, owner, device)),
    ...(owner === '' ? [] : [...clocks, ...placeBatches(onlineSince(deps))]),
    ...(by && (isNewBoot || !known) ? [registered(by, owner, agentId, body, now)] : []),
  ]);
  countAll(deps, expiring, results);
  // Leases whose jobs changed in between were not expired by the write; for an expired lease this does nothing.
  for (const { leaseId } of old) await expireLease(deps, { leaseId, why: restarted });
  return answer(deps, owner, body.name);
}

const registered = (
  by: Actor,
  owner: string,
  targetId: string,
  { name, version, devices: offered }: RegisterAgent,
  now: number,
): Statement =>
  auditStatement(
    [
      {
        ...{ by, orgId: owner || null, action: 'agent.registered', targetKind: 'agent', targetId },
        detail: { name, version, devices: offered.length },
      },
    ],
    now,
  );

/** Counts the leases that the write expired, by the answers to its statements. */
function countAll(deps: Deps, expiring: readonly Expiring[], results: readonly (readonly unknown[])[]): void {
  let first = 0;
  for (const one of expiring) {
    if (results[first]?.length === 1) countExpired(deps, one);
    first += one.statements.length;
  }
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
      return { leaseId, leased: await deps.db.select().from(jobs).where(eq(jobs.leaseId, leaseId)) };
    }),
  );
}

const upsertAgent = (
  agentId: string,
  owner: string,
  body: RegisterAgent,
  now: number,
  replaced: readonly string[],
  tokenId: string | undefined,
): Statement => ({
  sql: `INSERT INTO agents (id, owner, name, boot_id, version, registered_at, last_seen_at, replaced_boots, token_id)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)
        ON CONFLICT (owner, name) DO UPDATE SET boot_id = excluded.boot_id, version = excluded.version,
          drain = iif(boot_id = excluded.boot_id, drain, 0),
          last_seen_at = excluded.last_seen_at, replaced_boots = excluded.replaced_boots, token_id = excluded.token_id`,
  args: [
    agentId,
    owner,
    body.name,
    body.boot_id,
    body.version,
    now,
    JSON.stringify(replaced),
    tokenId ?? null,
  ],
});

const upsertPools = (owner: string, listed: readonly DeviceOffer[], now: number): Statement[] =>
  [...new Set(listed.map((device) => device.target))].map((target) => ({
    sql: `INSERT INTO pools (owner, target, offered_at) VALUES (?, ?, ?)
          ON CONFLICT DO UPDATE SET offered_at = coalesce(offered_at, excluded.offered_at)`,
    args: [owner, target, now],
  }));

const upsertDevice = (agentId: string, owner: string, device: DeviceOffer): Statement => ({
  sql: `INSERT INTO devices (id, agent_id, name, owner, target, pool_id, platform, os_version, labels, fault, installed_group_id)
        SELECT ?1, a.id, ?2, ?3, ?4, p.id, ?5, ?6, ?7, ?11,
          (SELECT id FROM groups WHERE org_id = ?8 AND app_version_id = ?9 AND target = ?4 AND ?3 IN ('', org_id))
        FROM agents a CROSS JOIN pools p WHERE a.id = ?10 AND p.owner = ?3 AND p.target = ?4
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
