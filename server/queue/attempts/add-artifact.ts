import { QgjobError } from '../../../protocol/errors.ts';
import type { Artifact } from '../../../protocol/shapes/artifact.ts';
import { and, eq } from '../../db/drizzle.ts';
import { artifacts } from '../../db/schema-artifacts.ts';
import type { Statement } from '../../db/statement.ts';
import type { Deps } from '../store/deps.ts';
import type { LeaseCaller } from '../store/find-lease.ts';
import { newId } from '../store/new-id.ts';
import type { AttemptRef } from './attempt-view.ts';
import { checkUpload } from './check-upload.ts';
import { type ArtifactRow, toArtifact } from './read-artifacts.ts';

/** Limits: bytes of one artifact; bytes and number of all artifacts of a job. */
export interface ArtifactQuota {
  readonly fileBytes: number;
  readonly jobBytes: number;
  readonly jobFiles: number;
}

export interface NamedUpload {
  readonly ref: AttemptRef;
  readonly name: string;
  /** As declared by the uploader, if it is. */
  readonly sha256: string | undefined;
  readonly size: number | undefined;
}

/** Which file of its job an upload brings: of all that bring it one gets the row. */
export const fileOf = ({ ref, name }: NamedUpload): string => `${ref.attempt} ${name}`;

/** Bytes that uploads under way have of their job's room for a file. */
export interface HeldFile {
  /** As `fileOf` says. */
  readonly file: string;
  readonly bytes: number;
}

/** Number and bytes of a job's artifacts, without what uploads under way hold for them. SEARCH a USING INDEX artifacts_name (job_id=?) */
const sumSql = `SELECT count(*) - count(h.file) AS files, coalesce(sum(max(0, a.size - coalesce(h.bytes, 0))), 0) AS bytes
  FROM artifacts a LEFT JOIN (
    SELECT value ->> 'file' AS file, sum(value ->> 'bytes') AS bytes FROM json_each(?2) GROUP BY 1
  ) h ON h.file = a.attempt || ' ' || a.name
  WHERE a.job_id = ?1`;

/**
 * What to do with an upload: nothing, where the artifact is known already; or store at most so many bytes, under this
 * id.
 */
export type UploadPlan =
  | { readonly known: Artifact }
  | {
      readonly known: undefined;
      readonly artifactId: string;
      readonly maxBytes: number;
      readonly orgId: string;
    };

/**
 * Checks an upload before its bytes come; the fence is `checkUpload`. The same name and digest again is the known
 * artifact. `quota`: what the `others` under way leave, whose rows may be written already. Errors: `not_found`, `lease_lost`,
 * `conflict` (other bytes under this name), `too_large`.
 */
export async function planUpload(
  deps: Deps,
  caller: LeaseCaller,
  upload: NamedUpload,
  quota: ArtifactQuota,
  others: readonly HeldFile[] = [],
): Promise<UploadPlan> {
  const { ref, name, sha256, size = 0 } = upload;
  const orgId = await checkUpload(deps, caller, ref);
  const same = await findByName(deps, ref, name);
  if (same && sha256 !== undefined) return { known: toArtifact(deps, sameOrConflict(same, sha256)) };
  const [sums] = await deps.sql.read(sumSql, [ref.jobId, JSON.stringify(others)]);
  // An upload under a known name without a digest is compared once its bytes are here.
  const left = same ? quota.fileBytes : quota.jobBytes - Number(sums?.bytes);
  if (!same && Number(sums?.files) >= quota.jobFiles) throw overQuota(quota);
  const maxBytes = Math.min(quota.fileBytes, left);
  if (size > quota.fileBytes) throw tooLarge(quota.fileBytes);
  if (size > maxBytes) throw overQuota(quota);
  return { known: undefined, artifactId: newId('artifact'), maxBytes, orgId };
}

/**
 * Makes the row of an artifact whose bytes are stored already; `isNew` is false where another upload of the same file
 * came first. One insert that checks the quota, so that two uploads at once cannot both be the last that fits. SEARCH
 * artifacts USING INDEX artifacts_name (job_id=?). Errors: `conflict`, `too_large`.
 */
export async function addArtifact(
  deps: Deps,
  ref: AttemptRef,
  file: Pick<ArtifactRow, 'id' | 'name' | 'size' | 'sha256'>,
  quota: ArtifactQuota,
): Promise<{ artifact: Artifact; isNew: boolean }> {
  const [made] = await deps.sql.write([insert(ref, file, quota, deps.now())]);
  const row = await findByName(deps, ref, file.name);
  if (!row) throw overQuota(quota);
  return { artifact: toArtifact(deps, sameOrConflict(row, file.sha256)), isNew: made?.length === 1 };
}

const insert = (
  ref: AttemptRef,
  { id, name, size, sha256 }: Pick<ArtifactRow, 'id' | 'name' | 'size' | 'sha256'>,
  quota: ArtifactQuota,
  now: number,
): Statement => ({
  sql: `INSERT INTO artifacts (id, org_id, job_id, attempt, name, size, sha256, created_at)
        SELECT ?1, t.org_id, t.job_id, t.attempt, ?2, ?3, ?4, ?5 FROM attempts t
        WHERE t.job_id = ?6 AND t.attempt = ?7 AND t.lease_id = ?8
          AND NOT EXISTS (SELECT 1 FROM artifacts WHERE id = ?1)
          AND (SELECT count(*) FROM artifacts WHERE job_id = ?6) < ?9
          AND (SELECT coalesce(sum(size), 0) FROM artifacts WHERE job_id = ?6) + ?3 <= ?10
        ON CONFLICT (job_id, attempt, name) DO NOTHING RETURNING id`,
  args: [id, name, size, sha256, now, ref.jobId, ref.attempt, ref.leaseId, quota.jobFiles, quota.jobBytes],
});

/** Whether an artifact has this id. */
export async function isArtifact(deps: Deps, id: string): Promise<boolean> {
  const [row] = await deps.db.select({ id: artifacts.id }).from(artifacts).where(eq(artifacts.id, id));
  return row !== undefined;
}

async function findByName(deps: Deps, ref: AttemptRef, name: string): Promise<ArtifactRow | undefined> {
  const [row] = await deps.db
    .select()
    .from(artifacts)
    .where(and(eq(artifacts.jobId, ref.jobId), eq(artifacts.attempt, ref.attempt), eq(artifacts.name, name)));
  return row;
}

function sameOrConflict(row: ArtifactRow, sha256: string): ArtifactRow {
  if (row.sha256 === sha256) return row;
  throw new QgjobError(
    'conflict',
    'the attempt has an artifact of this name with other bytes; use another name',
    {
      details: { artifact_id: row.id, sha256: row.sha256 },
    },
  );
}

const tooLarge = (bytes: number): QgjobError =>
  new QgjobError('too_large', `an artifact has at most ${bytes} bytes; leave it out, or make it smaller`);

const overQuota = ({ jobBytes, jobFiles }: ArtifactQuota): QgjobError =>
  new QgjobError(
    'too_large',
    `a job keeps at most ${jobFiles} artifacts of ${jobBytes} bytes together; leave it out`,
  );
