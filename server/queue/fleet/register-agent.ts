import { QgjobError } from '../../../protocol/errors.ts';
import type { RegisterAgent, Registered } from '../../../protocol/shapes/registration.ts';
import { and, eq } from '../../db/drizzle.ts';
import { agents, devices, jobs } from '../../db/schema.ts';
import type { Statement } from '../../db/statement.ts';
import { countExpired, type Expiring, expireLease, expireStatements } from '../leases/index.ts';
import { type Actor, auditStatement } from '../store/audit-line.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { upsertAgent, upsertDevice, upsertPools } from './agent-statements.ts';
import { checkFleet } from './check-fleet.ts';
import { bindToken, checkToken, type Registrant, takenName } from './claim-name.ts';
import { placeBatches, writeClocksOf } from './place-batches.ts';

/** Who registers an agent. */
interface Registering {
  /** Its token, which must be good for the name (`checkToken`); undefined for the operator's. */
  readonly token?: Registrant;
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
  { token, by }: Registering = {},
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
  const offered = { name: body.name, targets: body.devices.map(({ target }) => target) };
  if (token) await checkToken(deps, token, offered, known);
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
  const boots = isNewBoot ? [...replaced, known.bootId].slice(-bootsRemembered) : replaced;
  const self = { agentId, bootId: body.boot_id };
  const [made, ...results] = await deps.sql.write([
    // First the new boot id, so that the old process can write nothing any more.
    upsertAgent(agentId, owner, body, now, boots, token),
    ...expiring.flatMap(({ statements }) => statements),
    ...(token ? [bindToken(token, body.name, self)] : []),
    ...upsertPools(owner, body.devices, now),
    // A device that is no longer listed is offline and not deleted, since attempts and leases name it.
    {
      sql: `UPDATE devices SET listed = 0
            WHERE agent_id = ?1 AND EXISTS (SELECT 1 FROM agents WHERE id = ?1 AND boot_id = ?2)`,
      args: [agentId, body.boot_id],
    },
    ...body.devices.map((device) => upsertDevice(self, owner, device)),
    ...(owner === '' ? [] : [...clocks, ...placeBatches(onlineSince(deps))]),
    ...(by && (isNewBoot || !known) ? [registered(by, owner, agentId, body, now)] : []),
  ]);
  countAll(deps, expiring, results);
  if (made?.length !== 1) throw await whyRefused(deps, owner, body.name, token);
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

/** Why the write refused a registration that was fine a moment before. */
async function whyRefused(
  deps: Deps,
  owner: string,
  name: string,
  by: Registrant | undefined,
): Promise<QgjobError> {
  const [known] = await deps.db
    .select()
    .from(agents)
    .where(and(eq(agents.owner, owner), eq(agents.name, name)));
  if (by) await checkToken(deps, by, { name, targets: [] }, known);
  return takenName(name, known?.tokenId ?? null);
}

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
