import { type ArtifactLimits, type ArtifactStore, createFolderArtifacts } from './artifact-store.ts';
import { type BundleStore, createFolderBundles } from './bundle-store.ts';
import { createFolderLogs, type LogStore } from './log-store.ts';

/** All bytes that are not in the database. */
export interface Blobs {
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
  readonly bundles: BundleStore;
}

/** Those of a folder. Errors: the system's. */
export async function openBlobs(folder: string, limits: Partial<ArtifactLimits> = {}): Promise<Blobs> {
  const artifacts = createFolderArtifacts(folder, limits);
  const bundles = createFolderBundles(folder, limits.keepFreeBytes);
  await artifacts.removeLeftovers();
  await bundles.removeLeftovers();
  return { logs: createFolderLogs(folder), artifacts, bundles };
}
