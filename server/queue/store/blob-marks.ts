import { QgjobError } from '../../../protocol/errors.ts';
import type { Deps } from './deps.ts';

/** How long a claim is good for, in ms; a deletion renews it before each of its pieces, which take less. */
const deletionMs = 5 * 60_000;
/** Nothing is deleted that somebody has begun to upload within this time, in ms. */
const freshMs = 24 * 3_600_000;

/**
 * Notes that a file is about to be uploaded, or to be said to be there: from now on no server deletes it for a day. Before
 * its bytes are looked for or written. Errors: `unavailable` while a server deletes it.
 */
export async function markBlob(deps: Deps, name: string): Promise<void> {
  const [made] = await deps.sql.write([
    {
      sql: `INSERT INTO blob_marks (name, touched_at) VALUES (?1, ?2)
            ON CONFLICT (name) DO UPDATE SET touched_at = ?2, deleting_until = NULL, holder = NULL
            WHERE deleting_until IS NULL OR deleting_until < ?2 RETURNING name`,
      args: [name, deps.now()],
    },
  ]);
  if (made?.length === 1) return;
  throw new QgjobError(
    'unavailable',
    'the same file is being deleted just now; upload it again in a moment',
    {
      details: { retry_after_ms: 1000 },
    },
  );
}

/**
 * Of these files those that the caller may delete now: nobody has begun to upload them within a day, and from now on
 * nobody can, for 5 minutes. Then look for their rows once more, delete those that `renewClaims` answers, and call
 * `releaseBlobs`. `holder`: of this deletion alone. SEARCH blob_marks USING INDEX.
 */
export async function claimBlobs(deps: Deps, names: readonly string[], holder: string): Promise<string[]> {
  if (names.length === 0) return [];
  const now = deps.now();
  const [claimed = []] = await deps.sql.write([
    {
      sql: `INSERT INTO blob_marks (name, touched_at, deleting_until, holder)
            SELECT i.value, 0, ?2, ?5 FROM json_each(?1) i WHERE true
            ON CONFLICT (name) DO UPDATE SET deleting_until = ?2, holder = ?5
            WHERE touched_at < ?3 AND (deleting_until IS NULL OR deleting_until < ?4) RETURNING name`,
      args: [JSON.stringify(names), now + deletionMs, now - freshMs, now, holder],
    },
  ]);
  return claimed.map(({ name }) => String(name));
}

/**
 * Of these files those whose claim has been this holder's without a gap; it is for 5 minutes more. The others may have been
 * uploaded meanwhile. To be called right before a piece of them is deleted.
 */
export async function renewClaims(deps: Deps, names: readonly string[], holder: string): Promise<string[]> {
  const now = deps.now();
  const [renewed = []] = await deps.sql.write([
    {
      sql: `UPDATE blob_marks SET deleting_until = ?2 WHERE name IN (SELECT i.value FROM json_each(?1) i)
            AND holder = ?3 AND deleting_until >= ?4 RETURNING name`,
      args: [JSON.stringify(names), now + deletionMs, holder, now],
    },
  ]);
  return renewed.map(({ name }) => String(name));
}

/** Ends the claims of this holder on these files: they are gone, or stay. */
export async function releaseBlobs(deps: Deps, names: readonly string[], holder: string): Promise<void> {
  if (names.length === 0) return;
  const sql = 'DELETE FROM blob_marks WHERE name IN (SELECT i.value FROM json_each(?1) i) AND holder = ?2';
  await deps.sql.write([{ sql, args: [JSON.stringify(names), holder] }]);
}

/** Deletes the marks that say nothing any more. */
export async function pruneMarks(deps: Deps): Promise<void> {
  const sql = 'DELETE FROM blob_marks WHERE touched_at < ?1 AND coalesce(deleting_until, 0) < ?2';
  const now = deps.now();
  await deps.sql.write([{ sql, args: [now - freshMs, now] }]);
}
