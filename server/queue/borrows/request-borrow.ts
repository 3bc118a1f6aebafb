import { createHash } from 'node:crypto';
import { QgjobError } from '../../../protocol/errors.ts';
import type { Borrow, CreateBorrow } from '../../../protocol/shapes/borrow.ts';
import { poolFor } from '../fleet/index.ts';
import { type Deps, onlineSince } from '../store/deps.ts';
import { poolsChanged } from '../store/lent-devices.ts';
import { newId } from '../store/new-id.ts';
import type { Viewer } from '../store/viewer.ts';
import { borrowsOfDevice } from './borrows-of-device.ts';
import { extendBorrow } from './extend-borrow.ts';
import { grantBorrows } from './grant-borrows.ts';
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
 * job came before and a device is free. A device that the token has borrowed already is kept for longer; for one that
 * somebody else has, it waits. Errors: `not_found` (also for another org's device), `no_device` (nobody has ever offered
 * the target), `conflict` (too many wait, or the key came with another request).
 */
export async function requestBorrow(deps: Deps, request: BorrowRequest): Promise<Requested> {
  const { orgId = '', body } = request;
  const viewer: Viewer = { orgId: orgId === '' ? undefined : orgId };
  const earlier = await findEarlier(deps, request, viewer);
  if (earlier !== undefined) return earlier;
  if (orgId !== '') await findOrg(deps, orgId);
  const { active, ...wanted } = await findWanted(deps, request, viewer);
  if (active !== undefined)
    return { borrow: await extendBorrow(deps, active, body.minutes, viewer), wasThere: true };
  const id = newId('borrow');
  const [made] = await deps.sql.write([insertOne(deps, id, request, wanted), poolsChanged([id], deps.now())]);
  if (made?.length !== 1) return findTwin(deps, request, viewer);
  await grantBorrows(deps, wanted.poolId);
  return { borrow: await readBorrow(deps, id, viewer), wasThere: false };
}

/** Nothing was made: the same request has come twice at once, or too many wait. */
async function findTwin(deps: Deps, request: BorrowRequest, viewer: Viewer): Promise<Requested> {
  const twin = await findEarlier(deps, request, viewer);
  if (twin !== undefined) return twin;
  throw new QgjobError('conflict', `${mostWaiting} borrows of this org wait already: give some up first`);
}

/** What an earlier call with the same key has made. Errors: `conflict` where that was another request. */
async function findEarlier(
  deps: Deps,
  request: BorrowRequest,
  viewer: Viewer,
): Promise<Requested | undefined> {
  const { orgId = '', idempotencyKey: key } = request;
  if (key === undefined) return undefined;
  const sql = 'SELECT id, request_hash FROM borrows WHERE org_id = ? AND idempotency_key = ?';
  const [row] = await deps.sql.read(sql, [orgId, key]);
  if (!row) return undefined;
  if (row.request_hash !== null && row.request_hash !== hashOf(request))
    throw new QgjobError(
      'conflict',
      'this Idempotency-Key was used for another borrow; use a new key for a new request',
    );
  return { borrow: await readBorrow(deps, String(row.id), viewer), wasThere: true };
}

/** Of who asks, and for what. */
function hashOf({ body, tokenId }: BorrowRequest): string {
  const { device_id: device, target, minutes, note, on_client_gone: gone } = body;
  return createHash('sha256')
    .update(JSON.stringify([tokenId, device, target, minutes, note, gone]))
    .digest('hex');
}

async function findOrg(deps: Deps, orgId: string): Promise<void> {
  const [row] = await deps.sql.read('SELECT 1 FROM orgs WHERE id = ?', [orgId]);
  if (!row) throw new QgjobError('not_found', `no org ${orgId}`);
}

/** `active`: the token has the device already. */
async function findWanted(
  deps: Deps,
  { orgId = '', tokenId, body: { device_id: deviceId, target = '' } }: BorrowRequest,
  viewer: Viewer,
): Promise<Wanted & { readonly active?: string | undefined }> {
  if (deviceId === undefined) return { ...(await findPool(deps, orgId, target)), deviceId };
  const device = await borrowsOfDevice(deps, deviceId, viewer);
  const { active, owner } = device;
  // A colleague has it for another purpose: two people must not share it unawares.
  // The operator's token is of every org: without one it means whichever it has the device for.
  const isOwn = active?.tokenId === tokenId && (orgId === '' || active.orgId === orgId);
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

const insertOne = (deps: Deps, id: string, request: BorrowRequest, { poolId, target, deviceId }: Wanted) => {
  const { orgId = '', body, tokenId, idempotencyKey: key } = request;
  const watchedUntil = body.on_client_gone === 'cancel' ? deps.now() + watchMs : null;
  return {
    sql: `INSERT INTO borrows (id, org_id, pool_id, target, wanted_device, minutes, note, borrowed_by, token_id, idempotency_key, request_hash, requested_at, watched_until)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, coalesce((SELECT name FROM tokens WHERE id = ?8), 'a token'), ?8, ?9, ?10, ?11, ?12
        WHERE (SELECT count(*) FROM borrows w WHERE w.org_id = ?2 AND w.status = 'waiting') < ${mostWaiting}
        ON CONFLICT DO NOTHING RETURNING id`,
    args: [
      ...[id, orgId, poolId, target, deviceId ?? null, body.minutes, body.note ?? null, tokenId],
      ...[key ?? null, key === undefined ? null : hashOf(request), deps.now(), watchedUntil],
    ],
  };
};
