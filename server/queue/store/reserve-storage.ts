import type { Deps } from './deps.ts';
import { overQuota, quotaSql } from './quotas.ts';

/** An upload that is about to begin. */
export interface Upload {
  readonly orgId: string;
  /** Of what is uploaded: the same upload again takes the same room. */
  readonly id: string;
  /** As declared; of one that declares nothing the most that it may have. */
  readonly bytes: number;
  /** How long it may go on, in ms; then the room is free again. Absent: as long as one through the server. */
  readonly forMs?: number;
}

/** As long as an upload through the server may take, in ms. */
const throughServerMs = 3_600_000;

/** SEARCH o USING PRIMARY KEY (id=?), u USING PRIMARY KEY (org_id=?), r USING INDEX upload_reservations_org (org_id=?) */
const roomSql = `SELECT ${quotaSql('storage_bytes', 'o.quotas')} AS may, coalesce(u.bytes, 0) +
    (SELECT coalesce(sum(r.bytes), 0) FROM upload_reservations r WHERE r.org_id = o.id AND r.id <> ?2 AND r.until > ?3) AS has
  FROM orgs o LEFT JOIN org_usage u ON u.org_id = o.id WHERE o.id = ?1`;

/**
 * Takes room for an upload before its first byte comes, so that many at once cannot pass the quota together. An org without
 * a quota needs none. Errors: `rate_limited`. Resolves to what gives the room back, once the file has a row or is gone.
 */
export async function reserveStorage(deps: Deps, upload: Upload): Promise<() => Promise<void>> {
  const { orgId, id, bytes, forMs = throughServerMs } = upload;
  const args = [orgId, id, deps.now()];
  const [room] = await deps.sql.read(roomSql, args);
  if (room?.may === null || room === undefined) return async () => undefined;
  const [made] = await deps.sql.write([
    {
      sql: `INSERT INTO upload_reservations (id, org_id, bytes, until)
            SELECT ?2, ?1, ?4, ?5 FROM (${roomSql}) room WHERE room.has + ?4 <= room.may
            ON CONFLICT (id) DO UPDATE SET bytes = max(bytes, excluded.bytes), until = max(until, excluded.until) RETURNING id`,
      args: [...args, bytes, deps.now() + forMs],
    },
    { sql: 'DELETE FROM upload_reservations WHERE until <= ?', args: [deps.now()] },
  ]);
  if (made?.length !== 1)
    throw overQuota(orgId, 'storage_bytes', Number(room.has), Number(room.may), `${bytes} more`);
  return () => releaseStorage(deps, id);
}

/** Does the work of an upload in the room that was taken for it. Errors: `rate_limited`, before the work begins. */
export async function inReservedRoom<T>(deps: Deps, upload: Upload, work: () => Promise<T>): Promise<T> {
  const release = await reserveStorage(deps, upload);
  try {
    return await work();
  } finally {
    await release();
  }
}

/** Gives the room of an upload back; where it has taken none this does nothing. */
export async function releaseStorage(deps: Deps, id: string): Promise<void> {
  const [taken] = await deps.sql.read('SELECT 1 FROM upload_reservations WHERE id = ?', [id]);
  if (taken) await deps.sql.write([{ sql: 'DELETE FROM upload_reservations WHERE id = ?', args: [id] }]);
}
