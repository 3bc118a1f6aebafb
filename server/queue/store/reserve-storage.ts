import type { Deps } from './deps.ts';
import { overQuota, quotaSql } from './quotas.ts';

/** An upload that is about to begin. */
export interface Upload {
  readonly orgId: string;
  /** Of what is uploaded: the same upload again takes the same room, and the first of them to end gives it back. */
  readonly id: string;
  /** The upload to a signed address that this one may go on with: then it has the room of that one while it lasts. */
  readonly planId?: string;
  /** As declared; of one that declares nothing the most that it may have. */
  readonly bytes: number;
  /** How long it may go on, in ms; then the room is free again. Absent: as long as one through the server. */
  readonly forMs?: number;
}

/** As long as an upload through the server may take, in ms. */
const throughServerMs = 3_600_000;

/** What has been taken. */
interface Reserved {
  /** Epoch ms; then it is free again. */
  readonly until: number;
  /** What of it was the plan's. */
  readonly planned: number;
}

/** SEARCH upload_reservations USING PRIMARY KEY (id=?) */
const plannedSql = 'SELECT bytes FROM upload_reservations WHERE id = ?1 AND until > ?2';

/**
 * What an org may have, what it has beside this upload and its plan, and what it needs for these. SEARCH o USING PRIMARY KEY (id=?), u USING
 * PRIMARY KEY (org_id=?), r USING INDEX upload_reservations_org (org_id=?), p USING PRIMARY KEY (id=?)
 */
const roomSql = `SELECT ${quotaSql('storage_bytes', 'o.quotas')} AS may, coalesce(u.bytes, 0) +
    (SELECT coalesce(sum(r.bytes), 0) FROM upload_reservations r
     WHERE r.org_id = o.id AND r.id NOT IN (?2, ?5) AND r.until > ?3) AS has,
    max(?4, coalesce((SELECT p.bytes FROM upload_reservations p WHERE p.id = ?5 AND p.until > ?3), 0)) AS needs
  FROM orgs o LEFT JOIN org_usage u ON u.org_id = o.id WHERE o.id = ?1`;

/**
 * Takes room for an upload before its first byte comes, so that many at once cannot pass the quota together. Of several that go
 * on with the same plan the first has its room. Undefined: an org without a quota needs none. Errors: `rate_limited`.
 */
export async function reserveStorage(deps: Deps, upload: Upload): Promise<Reserved | undefined> {
  const { orgId, id, planId = '', bytes, forMs = throughServerMs } = upload;
  const now = deps.now();
  const args = [orgId, id, now, bytes, planId];
  const until = now + forMs;
  const [room] = await deps.sql.read(roomSql, args);
  if (room?.may === null || room === undefined) return undefined;
  const [, made, planned] = await deps.sql.write([
    { sql: 'DELETE FROM upload_reservations WHERE until <= ?', args: [now] },
    {
      sql: `INSERT INTO upload_reservations (id, org_id, bytes, until)
            SELECT ?2, ?1, room.needs, ?6 FROM (${roomSql}) room WHERE room.has + room.needs <= room.may
            ON CONFLICT (id) DO UPDATE SET bytes = max(bytes, excluded.bytes), until = max(until, excluded.until) RETURNING id`,
      args: [...args, until],
    },
    { sql: plannedSql, args: [planId, now] },
    {
      sql: 'UPDATE upload_reservations SET bytes = 0 WHERE id = ?1 AND EXISTS (SELECT 1 FROM upload_reservations WHERE id = ?2)',
      args: [planId, id],
    },
  ]);
  if (made?.length === 1) return { until, planned: Number(planned?.[0]?.bytes ?? 0) };
  throw overQuota(orgId, 'storage_bytes', Number(room.has), Number(room.may), `${bytes} more`);
}

/**
 * Does the work of an upload in the room that was taken for it. Once that is done, the file has a row, and neither the upload
 * needs room any more nor its plan. Where it fails, a plan has its room again: bytes may still come to its address. Errors:
 * `rate_limited`, before the work begins.
 */
export async function inReservedRoom<T>(deps: Deps, upload: Upload, work: () => Promise<T>): Promise<T> {
  const reserved = await reserveStorage(deps, upload);
  if (!reserved) return work();
  const { id, planId = '' } = upload;
  const done = await work().catch(async (error: unknown) => {
    await giveBack(deps, upload, reserved);
    throw error;
  });
  await leaveRoom(deps, id, planId);
  return done;
}

/** Once a file has a row, neither its upload needs room any more nor its plan. */
export const leaveRoom = (deps: Deps, id: string, planId = '') =>
  deps.sql.write([{ sql: 'DELETE FROM upload_reservations WHERE id IN (?, ?)', args: [id, planId] }]);

/** A plan that is completed has the same id as its completion, and was made for longer. */
const giveBack = (deps: Deps, { id, planId = '' }: Upload, { until, planned }: Reserved) =>
  deps.sql.write([
    { sql: 'DELETE FROM upload_reservations WHERE id = ? AND until <= ?', args: [id, until] },
    { sql: 'UPDATE upload_reservations SET bytes = max(bytes, ?2) WHERE id = ?1', args: [planId, planned] },
  ]);
