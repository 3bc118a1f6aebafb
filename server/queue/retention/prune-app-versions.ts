import type { Deps } from '../store/deps.ts';

/** A submit notes the use of its app version within an hour, and a little before it makes its run. In ms. */
const marginMs = 2 * 3_600_000;

/**
 * Deletes the rows of app versions that nobody has used since `before` (epoch ms) and that no run which is still there can
 * refer to, as with bundles. Answers their builds: the bytes of those that no other version has are deleted next.
 * SEARCH app_versions USING INDEX app_versions_used.
 */
export async function pruneAppVersions(
  deps: Deps,
  before: number,
  most: number,
): Promise<{ readonly gone: number; readonly builds: { orgId: string; sha256: string }[] }> {
  const [gone = []] = await deps.sql.write([
    {
      sql: `DELETE FROM app_versions WHERE seq IN (SELECT v.seq FROM app_versions v
              WHERE v.last_used_at < min(?1, coalesce(
                (SELECT submitted_at FROM runs WHERE id = (SELECT min(id) FROM runs)), ?1) - ?2)
              ORDER BY v.last_used_at LIMIT ?3) RETURNING org_id, sha256, size`,
      args: [before, marginMs, most],
    },
  ]);
  const builds = gone
    .filter(({ size }) => size !== null)
    .map((row) => ({ orgId: String(row.org_id), sha256: String(row.sha256) }));
  return { gone: gone.length, builds };
}
