import { mkdtempSync, readdirSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArtifactLimits } from '../../server/blobs/artifact-store.ts';
import { type Blobs, openBlobs } from '../../server/blobs/open-blobs.ts';
import { listObjects } from '../../server/blobs/s3/objects.ts';
import { S3Client } from '../../server/blobs/s3/s3-client.ts';
import type { S3Place } from '../../server/blobs/s3/s3-place.ts';
import { type Ceph, startCeph } from './ceph.ts';
import { isNightly } from './nightly.ts';
import { tempFolder } from './queue.ts';
import { startS3 } from './s3.ts';

/** The blobs of one kind of store, and a look at what is in it. */
export interface BlobLab {
  readonly blobs: Blobs;
  /** The same store once more, as another server opens it. */
  again(): Promise<Blobs>;
  /** The names of all files below this name, also of those that lie on the disk before they are kept. */
  files(below: string): Promise<string[]>;
  /** Makes all files and folders of this disk as old as can be. */
  age(): void;
}

/** A machine may be busy with other tests. */
export const patience = { callMs: 60_000, tryMs: 60_000 };

/** By night a real object store, whose packages not every machine has. */
export const blobKinds = isNightly ? (['ceph'] as const) : (['folder', 's3'] as const);
export type BlobKind = 'ceph' | 'folder' | 's3';

let ceph: Promise<Ceph> | undefined;

/** A new bucket of the one Ceph of this test file. */
async function openCeph(): Promise<S3Place> {
  ceph ??= startCeph(mkdtempSync(join(tmpdir(), 'qgjob-ceph-')));
  return (await ceph).bucket();
}

/** To be called at the end of a test file that uses it. */
export async function stopCeph(): Promise<void> {
  await (await ceph)?.stop();
}

/** New and empty; gone when the test ends. */
export async function openBlobLab(kind: BlobKind, given: Partial<ArtifactLimits> = {}): Promise<BlobLab> {
  const folder = tempFolder();
  const local = kind === 's3' ? await startS3(tempFolder()) : undefined;
  const s3 = kind === 'ceph' ? await openCeph() : local?.place;
  const root = local?.folder ?? folder;
  const open = (own: string) =>
    openBlobs({ folder: own, s3 }, { limits: { keepFreeBytes: 0, ...given }, now: Date.now, patience });
  const onDisk = (below: string): string[] =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(folder.length + 1))
      .filter((name) => name.startsWith(below));
  return {
    blobs: await open(folder),
    again: () => open(s3 ? tempFolder() : folder),
    files: async (below) => {
      const pages = s3 ? await allOf(listObjects(new S3Client(s3, Date.now), '')) : [];
      const kept = pages.flat().map(({ key }) => key);
      return [...onDisk(below), ...kept.filter((key) => key.startsWith(below))];
    },
    age: () => {
      for (const one of readdirSync(root, { recursive: true })) utimesSync(join(root, String(one)), 0, 0);
    },
  };
}

/** What comes, as a list. */
export async function allOf<T>(coming: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of coming) all.push(one);
  return all;
}
