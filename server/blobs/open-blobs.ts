import { join } from 'node:path';
import { limits } from '../../protocol/limits.ts';
import type { ArtifactLimits, ArtifactStore } from './artifact-store.ts';
import type { ContentStore } from './content-store.ts';
import { createFolderArtifacts } from './folder/folder-artifacts.ts';
import { createFolderContent } from './folder/folder-content.ts';
import { createFolderLogs } from './folder/folder-logs.ts';
import type { LogStore } from './log-store.ts';
import { checkBucket } from './s3/check-bucket.ts';
import { createS3Artifacts } from './s3/s3-artifacts.ts';
import { type Patience, S3Client } from './s3/s3-client.ts';
import { createS3Content } from './s3/s3-content.ts';
import { S3Logs } from './s3/s3-logs.ts';
import type { S3Place } from './s3/s3-place.ts';

/** All bytes that are not in the database. */
export interface Blobs {
  readonly logs: LogStore;
  readonly artifacts: ArtifactStore;
  readonly bundles: ContentStore;
  /** The builds of app versions. */
  readonly apps: ContentStore;
}

/** Where they are: in a folder, or in a bucket; then uploads through the server lie in the folder first. */
export interface BlobPlace {
  readonly folder: string;
  /** Other servers use the folder too. */
  readonly isShared?: boolean;
  readonly s3?: S3Place | undefined;
}

export interface BlobOptions {
  readonly limits?: Partial<ArtifactLimits> | undefined;
  /** The wall clock, epoch ms: addresses are signed by it. */
  readonly now: () => number;
  /** How long a call of an object store may take. */
  readonly patience?: Partial<Patience>;
}

const bundleKind = { name: 'bundles', ending: '.tar.gz', maxBytes: limits.bundleBytes };
const appKind = { name: 'apps', ending: '', maxBytes: limits.appBytes };

/** No upload goes on for so long, in ms. */
const leftAfterMs = 6 * 3_600_000;

/** Errors: the system's; `unavailable` where the bucket or its key do not work. */
export async function openBlobs(
  place: BlobPlace,
  { limits: own, now, patience }: BlobOptions,
): Promise<Blobs> {
  const blobs = place.s3
    ? await openBucket(place.folder, new S3Client(place.s3, now, patience), own)
    : openFolder(place.folder, own);
  // Where only uploads lie in the folder, no lock of a database keeps another process off it.
  const before = place.isShared || place.s3 ? now() - leftAfterMs : undefined;
  for (const store of [blobs.artifacts, blobs.bundles, blobs.apps]) await store.removeLeftovers(before);
  return blobs;
}

const openFolder = (folder: string, own: BlobOptions['limits'] = {}): Blobs => ({
  logs: createFolderLogs(folder),
  artifacts: createFolderArtifacts(folder, own),
  bundles: createFolderContent(folder, bundleKind, own.keepFreeBytes),
  apps: createFolderContent(folder, appKind, own.keepFreeBytes),
});

async function openBucket(folder: string, s3: S3Client, own: BlobOptions['limits'] = {}): Promise<Blobs> {
  const abilities = await checkBucket(s3);
  const incoming = join(folder, '.incoming');
  return {
    logs: new S3Logs(s3),
    artifacts: createS3Artifacts(s3, incoming, abilities, own),
    bundles: createS3Content(s3, incoming, abilities, bundleKind, own.keepFreeBytes),
    apps: createS3Content(s3, incoming, abilities, appKind, own.keepFreeBytes),
  };
}
