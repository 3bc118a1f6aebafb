import { QgjobError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Artifact, ArtifactList, ArtifactPageQuery } from '../../../protocol/shapes/artifact.ts';
import type { ArtifactKind } from '../../../protocol/states.ts';
import { and, asc, eq, gt } from '../../db/drizzle.ts';
import { artifacts } from '../../db/schema-artifacts.ts';
import type { Deps } from '../store/deps.ts';
import { toPage } from '../store/page.ts';
import { findJob } from '../store/read-job.ts';
import { maySee, type Viewer } from '../store/viewer.ts';

export type ArtifactRow = typeof artifacts.$inferSelect;

/** The artifacts of a job, oldest first. Errors: `not_found`, also for another org's job. */
export async function listArtifacts(
  deps: Deps,
  jobId: string,
  query: ArtifactPageQuery,
  viewer: Viewer,
): Promise<ArtifactList> {
  await findJob(deps, jobId, viewer);
  const limit = query.limit ?? limits.pageSize;
  const found = await deps.db
    .select()
    .from(artifacts)
    .where(and(eq(artifacts.jobId, jobId), gt(artifacts.id, query.cursor ?? '')))
    .orderBy(asc(artifacts.id))
    .limit(limit + 1);
  const { rows, nextCursor } = toPage(found, limit, ({ id }) => id);
  return { artifacts: rows.map((row) => toArtifact(deps, row)), next_cursor: nextCursor };
}

/** Errors: `not_found`, also for another org's artifact. */
export async function readArtifact(deps: Deps, id: string, viewer: Viewer): Promise<Artifact> {
  const [row] = await deps.db.select().from(artifacts).where(eq(artifacts.id, id));
  if (!row || !maySee(viewer, row.orgId)) {
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

/** The kind of an artifact is that of the first pattern that its name, in lower case, matches. */
const kinds: readonly (readonly [ArtifactKind, RegExp])[] = [
  ['screenshot', /\.(png|jpe?g|webp)$/],
  ['video', /\.(mp4|webm)$/],
  ['trace', /(^|[^a-z])trace[^/]*\.zip$|\.trace$/],
  ['log', /\.(log|txt)$/],
  ['report', /\.(html?|xml)$|(^|[^a-z])(report|results)\.json$|report\/|(^|\/)qgjob-blob\//],
];

/**
 * The content type of each extension. None of these is run by a browser: pages, SVG and XML are served as octets,
 * whatever the uploader calls them.
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
