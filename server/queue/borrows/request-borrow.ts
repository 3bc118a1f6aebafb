import { QgjobError } from '../../../protocol/errors.ts';
import type { Borrow, CreateBorrow } from '../../../protocol/shapes/borrow.ts';
import { poolFor } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { newId } from '../store/new-id.ts';
import { maySee, type Viewer } from '../store/viewer.ts';
import { borrowsOfDevice } from './borrows-of-device.ts';
import { extendBorrow } from './extend-borrow.ts';
import { grantBorrows } from './grant-borrows.ts';
import { poolsChanged } from './lent-devices.ts';
import { readBorrow, watchMs } from './read-borrows.ts';

export interface BorrowRequest {
  /** Undefined: for the operator. */
  readonly orgId: string | undefined;
  readonly body: CreateBorrow;
  /** The token that asks. */
  readonly tokenId: string;
  readonly idempotencyKey?: string | undefined;
}

export interface Requested {
  readonly borrow: Borrow;
  /** It was there already: extended, or asked for by an earlier call with the same key. */
  readonly wasThere: boolean;
}

/** Where it waits. */
interface Wanted {
  readonly poolId: number;
  readonly target: string;
  readonly deviceId: string | undefined;
}

/** So many of an org wait at once. */
const mostWaiting = 50;

/**
 * Asks for a device, or for any one of a target, in turn with the jobs of its pool: it is given one at once where no queued
 * job came before and a device is free. A device that the org has borrowed already is kept for longer. Errors: `not_found`
 * (also for another org's device), `no_device` (nobody has ever offered the target), `conflict` (too many wait).
 */
export async function requestBorrow(deps: Deps, request: BorrowRequest): Promise<Requested> {
  const { orgId = '', body, idempotencyKey } = request;
  const viewer: Viewer = { orgId: orgId === '' ? undefined : orgId };
  const earlier = await findEarlier(deps, orgId, idempotencyKey);
  if (earlier !== undefined) return { borrow: await readBorrow(deps, earlier, viewer), wasThere: true };
  if (orgId !== '') await findOrg(deps, orgId);
  const { active, ...wanted } = await findWanted(deps, body, orgId, viewer);
  if (active !== undefined)
    return { borrow: await extendBorrow(deps, active, body.minutes, viewer), wasThere: true };
  const id = newId('borrow');
  const [made] = await deps.sql.write([insertOne(deps, id, request, wanted), poolsChanged([id], deps.now())]);
  if (made?.length !== 1)
    throw new QgjobError('conflict', `${mostWaiting} borrows of this org wait already: give some up first`);
  await grantBorrows(deps, wanted.poolId);
  return { borrow: await readBorrow(deps, id, viewer), wasThere: false };
}

async function findEarlier(deps: Deps, orgId: string, key: string | undefined): Promise<string | undefined> {
  if (key === undefined) return undefined;
  const [row] = await deps.sql.read('SELECT id FROM borrows WHERE org_id = ? AND idempotency_key = ?', [
    orgId,
    key,
  ]);
  return row && String(row.id);
}

async function findOrg(deps: Deps, orgId: string): Promise<void> {
  const [row] = await deps.sql.read('SELECT 1 FROM orgs WHERE id = ?', [orgId]);
  if (!row) throw new QgjobError('not_found', `no org ${orgId}`);
}

/** `active`: the org has the device already. */
async function findWanted(
  deps: Deps,
  { device_id: deviceId, target = '' }: CreateBorrow,
  orgId: string,
  viewer: Viewer,
): Promise<Wanted & { readonly active?: string | undefined }> {
  if (deviceId === undefined) return { ...(await findPool(deps, orgId, target)), deviceId };
  const device = await borrowsOfDevice(deps, deviceId, viewer);
  const { active, owner } = device;
  const isOwn = active && maySee(viewer, active.orgId);
  // A device of an org serves that org alone.
  if (owner !== '' && orgId !== '' && owner !== orgId)
    throw new QgjobError('not_found', `no device ${deviceId}`);
  return { ...device, deviceId, active: isOwn ? active.id : undefined };
}

async function findPool(deps: Deps, orgId: string, target: string): Promise<Omit<Wanted, 'deviceId'>> {
  const [row] = await deps.sql.read(
    `SELECT p.id FROM pools p WHERE p.id = ${poolFor('?1', '?2', '?3')} AND p.offered_at IS NOT NULL`,
    [orgId, target, onlineSince(deps)],
  );
  if (!row)
    throw new QgjobError('no_device', `no device has ever offered ${target}: \`qgjob devices\` lists them`);
  return { poolId: Number(row.id), target };
}

const insertOne = (
  deps: Deps,
  id: string,
  { orgId = '', body, tokenId, idempotencyKey }: BorrowRequest,
  { poolId, target, deviceId }: Wanted,
) => ({
  sql: `INSERT INTO borrows (id, org_id, pool_id, target, wanted_device, minutes, note, borrowed_by, idempotency_key, requested_at, watched_until)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, coalesce((SELECT name FROM tokens WHERE id = ?8), 'a token'), ?9, ?10, ?11
        WHERE (SELECT count(*) FROM borrows w WHERE w.org_id = ?2 AND w.status = 'waiting') < ${mostWaiting} RETURNING id`,
  args: [
    ...[id, orgId, poolId, target, deviceId ?? null, body.minutes, body.note ?? null, tokenId],
    ...[idempotencyKey ?? null, deps.now(), body.on_client_gone === 'cancel' ? deps.now() + watchMs : null],
  ],
});
