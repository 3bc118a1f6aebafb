import type { Deps } from '../store/deps.ts';

/** A bundle of an org, by the hash of its bytes. */
interface BundleRef {
  readonly orgId: string;
  readonly sha256: string;
}

/** A submit notes the use of its bundle a little before it makes its run. In ms. */
const marginMs = 3_600_000;

/**
 * Deletes the rows of bundles that nobody has used since `before` (epoch ms) and that no run which is still there can refer
 * to: each was last used before the oldest of these runs was submitted, and a submit notes the use. Answers them: their bytes
 * are deleted next. SEARCH bundles USING INDEX bundles_used.
 */
export async function pruneBundles(deps: Deps, before: number, most: number): Promise<BundleRef[]> {
  const [gone = []] = await deps.sql.write([
    {
      sql: `DELETE FROM bundles WHERE rowid IN (SELECT b.rowid FROM bundles b WHERE b.last_used_at < min(?1, coalesce(
              (SELECT submitted_at FROM runs WHERE id = (SELECT min(id) FROM runs)), ?1) - ?2)
            ORDER BY b.last_used_at LIMIT ?3) RETURNING org_id, sha256`,
      args: [before, marginMs, most],
    },
  ]);
  return gone.map((row) => ({ orgId: String(row.org_id), sha256: String(row.sha256) }));
}
