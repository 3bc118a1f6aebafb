import { limits } from '../../protocol/limits.ts';
import { type ArtifactLimits, type ArtifactStore, createFolderArtifacts } from './artifact-store.ts';
import { type ContentStore, createFolderContent } from './content-store.ts';
import { createFolderLogs, type LogStore } from './log-store.ts';

/** All bytes that are not in the database. */
export interface Blobs {
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
  readonly bundles: ContentStore;
  /** The builds of app versions. */
  readonly apps: ContentStore;
}

const bundleKind = { name: 'bundles', ending: '.tar.gz', maxBytes: limits.bundleBytes };
const appKind = { name: 'apps', ending: '', maxBytes: limits.appBytes };

/** Those of a folder. Errors: the system's. */
export async function openBlobs(
  folder: string,
  artifactLimits: Partial<ArtifactLimits> = {},
): Promise<Blobs> {
  const { keepFreeBytes } = artifactLimits;
  const artifacts = createFolderArtifacts(folder, artifactLimits);
  const bundles = createFolderContent(folder, bundleKind, keepFreeBytes);
  const apps = createFolderContent(folder, appKind, keepFreeBytes);
  for (const store of [artifacts, bundles, apps]) await store.removeLeftovers();
  return { logs: createFolderLogs(folder), artifacts, bundles, apps };
}
