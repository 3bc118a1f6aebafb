import { QgjobError } from '../../protocol/errors.ts';
import type { TakeLease } from '../../protocol/shapes/agent.ts';
import type { Deps } from './deps.ts';
import { type AgentCaller, replaced } from './find-agent.ts';

/** A free device that asks for work. */
export interface Asker {
  readonly leaseId: string;
  readonly bootId: string;
  readonly deviceId: string;
  readonly poolId: number;
  /** What it has installed. */
  readonly groupId: number | null;
  readonly isPinned: boolean;
  /** Not paused, not benched, still offered by an agent that does not drain. */
  readonly isFree: boolean;
}

export interface Ask {
  readonly caller: AgentCaller;
  readonly input: TakeLease;
}

/** What an ask comes to before anything is chosen: a device that asks, or a lease that it has already. */
export type Asked = { readonly asker: Asker } | { readonly leaseId: string };

const asksSql = `SELECT json_array(d.owner, d.pool_id, d.pinned, d.installed_group_id,
    d.listed = 1 AND d.paused_at IS NULL AND coalesce(d.benched_until, 0) <= ?2 AND a.drain = 0,
    a.boot_id, a.name, s.device_id, s.state,
    (SELECT l.id FROM leases l WHERE l.device_id = d.id AND l.state = 'active'),
    (SELECT g.id FROM groups g WHERE g.org_id = i.value ->> 2 AND g.app_version_id = i.value ->> 3 AND g.target = d.target
       AND d.owner IN ('', g.org_id))
  ) AS ask
  FROM json_each(?1) i
    LEFT JOIN devices d ON d.id = i.value ->> 0
    LEFT JOIN agents a ON a.id = d.agent_id
    LEFT JOIN leases s ON s.id = i.value ->> 1
  ORDER BY i.key`;

/**
 * Looks at asks, in their order, by one statement. The agent's word for what is installed counts from here on; absent
 * means as the server knows it.
 */
export async function findAskers(deps: Deps, asks: readonly Ask[]): Promise<(Asked | QgjobError)[]> {
  const keys = asks.map(({ input: { device_id, lease_id, installed } }) => [
    device_id,
    lease_id,
    installed?.org_id ?? null,
    installed?.app_version_id ?? null,
  ]);
  const rows = await deps.gate.read(asksSql, [JSON.stringify(keys), deps.now()]);
  const found = asks.map((ask, index) => judgeAsk(ask, JSON.parse(String(rows[index]?.ask))));
  await rememberInstalled(
    deps,
    found.flatMap((one) => ('asker' in one && one.hasChanged ? [one.asker] : [])),
  );
  return found;
}

type AskRow = readonly [
  owner: string | null,
  poolId: number,
  pinned: number,
  known: number | null,
  isFree: number,
  bootId: string,
  agentName: string,
  sameDevice: string | null,
  sameState: string | null,
  live: string | null,
  told: number | null,
];

function judgeAsk(
  { caller, input }: Ask,
  [owner, poolId, pinned, known, isFree, bootId, agentName, sameDevice, sameState, live, told]: AskRow,
): QgjobError | { leaseId: string } | { asker: Asker; hasChanged: boolean } {
  const { device_id: deviceId, lease_id: leaseId, boot_id } = input;
  const isForeign = caller.owner !== undefined && caller.owner !== owner;
  if (owner === null || isForeign) return new QgjobError('not_found', `no device ${deviceId}`);
  if (bootId !== boot_id) return replaced(agentName);
  if (sameState !== null && sameDevice !== deviceId)
    return new QgjobError('not_found', `no lease ${leaseId}`);
  if (sameState !== null && sameState !== 'active') {
    return new QgjobError('lease_lost', `lease ${leaseId} has ended; ask again under a new id`);
  }
  if (sameState !== null) return { leaseId };
  if (live !== null) {
    const details = { lease_id: live };
    return new QgjobError('conflict', `the device has a live lease, ${live}`, { details });
  }
  const groupId = input.installed === undefined ? known : told;
  const asker = { leaseId, bootId, deviceId, poolId, groupId, isPinned: pinned === 1, isFree: isFree === 1 };
  return { asker, hasChanged: groupId !== known };
}

async function rememberInstalled(deps: Deps, askers: readonly Asker[]): Promise<void> {
  if (askers.length === 0) return;
  await deps.gate.write([
    {
      sql: `UPDATE devices SET installed_group_id = i.value ->> 1 FROM json_each(?) i WHERE devices.id = i.value ->> 0`,
      args: [JSON.stringify(askers.map(({ deviceId, groupId }) => [deviceId, groupId]))],
    },
  ]);
}
