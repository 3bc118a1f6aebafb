import { QgjobError } from '../../../protocol/errors.ts';
import type { TakeLease } from '../../../protocol/shapes/agent.ts';
import { deviceMay } from '../fleet/index.ts';
import { fulfilled, rejected } from '../store/coalescer.ts';
import type { BulkOperation, Deps } from '../store/deps.ts';
import { type AgentCaller, isForeign, refuseToken, replaced } from '../store/find-agent.ts';
import { rootSql } from '../store/live-token.ts';

/** A device that requests a lease. */
export interface Requester {
  readonly leaseId: string;
  readonly bootId: string;
  readonly deviceId: string;
  readonly poolId: number;
  /** The group that it has installed. */
  readonly groupId: number | null;
  readonly isPinned: boolean;
  /** `deviceMay`. */
  readonly isFit: boolean;
  /** Hashes of sources that its host cannot run now. */
  readonly busySources: readonly string[];
}

export interface LeaseRequest {
  readonly caller: AgentCaller;
  readonly input: TakeLease;
}

/** A checked request: the device that requests, or the lease that it has under this id already. */
export type CheckedRequest = { readonly requester: Requester } | { readonly leaseId: string };

/** Checks one request. Requests of one turn share a statement. Errors: as below. */
export const checkLeaseRequest = (deps: Deps, request: LeaseRequest): Promise<CheckedRequest> =>
  deps.coalescer.run(deps, checkMany, request);

const checkMany: BulkOperation<LeaseRequest, CheckedRequest> = async (deps, requests) =>
  (await checkLeaseRequests(deps, requests)).map((one) =>
    one instanceof QgjobError ? rejected(one) : fulfilled(one),
  );

const requestsSql = `SELECT json_array(d.owner, d.pool_id, d.pinned, d.installed_group_id, d.busy_sources,
    ${deviceMay('?2')},
    d.doubted, a.boot_id, a.name, ${rootSql('a.token_id')}, s.device_id, s.state,
    (SELECT l.id FROM leases l WHERE l.device_id = d.id AND l.state = 'active'),
    (SELECT g.id FROM groups g WHERE g.org_id = i.value ->> 2 AND g.app_version_id = i.value ->> 3 AND g.target = d.target
       AND d.owner IN ('', g.org_id))
  ) AS request
  FROM json_each(?1) i
    LEFT JOIN devices d ON d.id = i.value ->> 0
    LEFT JOIN agents a ON a.id = d.agent_id
    LEFT JOIN leases s ON s.id = i.value ->> 1
  ORDER BY i.key`;

/**
 * Checks requests by one statement; answers in their order. What the agent says is installed is stored and counts
 * from here on; where it says nothing, the stored group counts. After a person had the device its words do not count until the next install. What its host cannot run is stored for `why`. Errors: `not_found`, `replaced`, `lease_lost`,
 * `conflict`.
 */
export async function checkLeaseRequests(
  deps: Deps,
  requests: readonly LeaseRequest[],
): Promise<(CheckedRequest | QgjobError)[]> {
  const keys = requests.map(({ input: { device_id, lease_id, installed } }) => [
    device_id,
    lease_id,
    installed?.org_id ?? null,
    installed?.app_version_id ?? null,
  ]);
  const rows = await deps.sql.read(requestsSql, [JSON.stringify(keys), deps.now()]);
  const found = requests.map((request, index) => checkOne(request, JSON.parse(String(rows[index]?.request))));
  await rememberRequests(
    deps,
    found.flatMap((one) => ('requester' in one && one.hasChanged ? [one.requester] : [])),
  );
  return found;
}

type RequestRow = readonly [
  owner: string | null,
  poolId: number,
  pinned: number,
  storedGroup: number | null,
  storedBusy: string | null,
  isFit: number,
  doubted: number,
  bootId: string,
  agentName: string,
  rootId: string | null,
  sameDevice: string | null,
  sameState: string | null,
  live: string | null,
  saidGroup: number | null,
];

function checkOne(
  { caller, input }: LeaseRequest,
  [
    owner,
    poolId,
    pinned,
    storedGroup,
    storedBusy,
    isFit,
    doubted,
    bootId,
    agentName,
    rootId,
    sameDevice,
    sameState,
    live,
    saidGroup,
  ]: RequestRow,
): QgjobError | { leaseId: string } | { requester: Requester; hasChanged: boolean } {
  const { device_id: deviceId, lease_id: leaseId, boot_id } = input;
  if (owner === null || isForeign(caller, owner)) return new QgjobError('not_found', `no device ${deviceId}`);
  if (bootId !== boot_id) return replaced(agentName);
  const refusal = refuseToken(caller, rootId, agentName);
  if (refusal) return refusal;
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
  const groupId = input.installed === undefined || doubted === 1 ? storedGroup : saidGroup;
  const requester = {
    leaseId,
    bootId,
    deviceId,
    poolId,
    groupId,
    isPinned: pinned === 1,
    isFit: isFit === 1,
    busySources: [...new Set(input.busy_sources)].sort(),
  };
  const hasChanged = groupId !== storedGroup || busyJson(requester) !== storedBusy;
  return { requester, hasChanged };
}

const busyJson = ({ busySources }: Requester): string | null =>
  busySources.length === 0 ? null : JSON.stringify(busySources);

async function rememberRequests(deps: Deps, requesters: readonly Requester[]): Promise<void> {
  if (requesters.length === 0) return;
  await deps.sql.write([
    {
      sql: `UPDATE devices SET installed_group_id = i.value ->> 1, busy_sources = i.value ->> 2
            FROM json_each(?) i WHERE devices.id = i.value ->> 0`,
      args: [JSON.stringify(requesters.map((one) => [one.deviceId, one.groupId, busyJson(one)]))],
    },
  ]);
}
