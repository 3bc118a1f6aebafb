import { and, asc, eq, gt } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Artifact, ArtifactList, ArtifactPageQuery } from '../../../protocol/shapes/artifact.ts';
import { artifacts } from '../../db/schema-artifacts.ts';
import type { Deps } from '../store/deps.ts';
import { findJob } from '../store/read-job.ts';
import type { Viewer } from '../store/viewer.ts';
import { describeArtifact } from './describe-artifact.ts';

export type ArtifactRow = typeof artifacts.$inferSelect;

/** The artifacts of a job in the order in which they came. Errors: `not_found`, also for another org's job. */
export async function listArtifacts(
  deps: Deps,
  jobId: string,
  query: ArtifactPageQuery,
  viewer: Viewer,
): Promise<ArtifactList> {
  await findJob(deps, jobId, viewer);
  const limit = query.limit ?? limits.pageSize;
  const rows = await deps.db
    .select()
    .from(artifacts)
    .where(and(eq(artifacts.jobId, jobId), gt(artifacts.id, query.cursor ?? '')))
    .orderBy(asc(artifacts.id))
    .limit(limit + 1);
  const page = rows.slice(0, limit);
  return {
    artifacts: page.map((row) => toArtifact(deps, row)),
    next_cursor: rows.length > limit ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Errors: `not_found`, also for another org's. */
export async function readArtifact(deps: Deps, id: string, viewer: Viewer): Promise<Artifact> {
  const [row] = await deps.db.select().from(artifacts).where(eq(artifacts.id, id));
  if (!row || (viewer.orgId !== undefined && row.orgId !== viewer.orgId)) {
    throw new QgjobError('not_found', `no artifact ${id}`);
  }
  return toArtifact(deps, row);
}

export function toArtifact({ settings }: Deps, row: ArtifactRow): Artifact {
  const { kind, contentType } = describeArtifact(row.name);
  return {
    artifact_id: row.id,
    job_id: row.jobId,
    attempt: row.attempt,
    name: row.name,
    kind,
    content_type: contentType,
    size: row.size,
    sha256: row.sha256,
    url: `${settings.publicUrl}/v1/artifacts/${row.id}`,
  };
}
