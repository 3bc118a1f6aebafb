import { and, asc, eq, gt } from 'drizzle-orm';
import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Artifact, ArtifactList, ArtifactPageQuery } from '../../../protocol/shapes/artifact.ts';
import type { ArtifactKind } from '../../../protocol/states.ts';
import { artifacts } from '../../db/schema-artifacts.ts';
import type { Deps } from '../store/deps.ts';
import { findJob } from '../store/read-job.ts';
import type { Viewer } from '../store/viewer.ts';

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

/** The first that fits the name, in lower case, says the kind. */
const kinds: readonly (readonly [ArtifactKind, RegExp])[] = [
  ['screenshot', /\.(png|jpe?g|webp)$/],
  ['video', /\.(mp4|webm)$/],
  ['trace', /(^|[^a-z])trace[^/]*\.zip$|\.trace$/],
  ['log', /\.(log|txt)$/],
  ['report', /\.(html?|xml)$|(^|[^a-z])(report|results)\.json$|report\//],
];

/**
 * What each extension is served as. Nothing is here that a browser would run: pages, SVG and XML are octets to it,
 * whatever the uploader says of them.
 */
const contentTypes: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  mp4: 'video/mp4',
  webm: 'video/webm',
  txt: 'text/plain; charset=utf-8',
  log: 'text/plain; charset=utf-8',
  json: 'application/json',
  zip: 'application/zip',
};

/** Kind and content type of an artifact, from its name alone. */
export function describeArtifact(name: string): { kind: ArtifactKind; contentType: string } {
  const lower = name.toLowerCase();
  const extension = /\.([a-z0-9]+)$/.exec(lower)?.[1] ?? '';
  return {
    kind: kinds.find(([, pattern]) => pattern.test(lower))?.[0] ?? 'other',
    contentType: Object.hasOwn(contentTypes, extension)
      ? (contentTypes[extension] as string)
      : 'application/octet-stream',
  };
}
