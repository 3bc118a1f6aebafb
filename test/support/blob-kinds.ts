import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { ArtifactLimits } from '../../server/blobs/artifact-store.ts';
import { type Blobs, openBlobs } from '../../server/blobs/open-blobs.ts';
import { tempFolder } from './queue.ts';
import { startS3 } from './s3.ts';

/** The blobs of one kind of store, and a look at what is in it. */
export interface BlobLab {
  readonly blobs: Blobs;
  /** Where uploads lie, and in a folder all files. */
  readonly folder: string;
  /** The same store once more, as another server opens it. */
  again(): Promise<Blobs>;
  /** The names of all files below this name. */
  files(below: string): string[];
  /** Makes all files and folders as old as can be. */
  age(): void;
}

export const blobKinds = ['folder', 's3'] as const;
export type BlobKind = (typeof blobKinds)[number];

const suffix = '._S3rver_object';

/** New and empty; gone when the test ends. */
export async function openBlobLab(kind: BlobKind, given: Partial<ArtifactLimits> = {}): Promise<BlobLab> {
  const folder = tempFolder();
  const s3 = kind === 's3' ? await startS3(tempFolder()) : undefined;
  const open = (own: string) =>
    openBlobs({ folder: own, s3: s3?.place }, { limits: { keepFreeBytes: 0, ...given }, now: Date.now });
  const root = s3?.folder ?? folder;
  const all = (below: string): string[] =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(root.length + 1))
      .filter((name) => name.startsWith(below));
  const files = (below: string): string[] =>
    kind === 'folder'
      ? all(below)
      : all(below).flatMap((name) => (name.endsWith(suffix) ? [name.slice(0, -suffix.length)] : []));
  return {
    ...{ blobs: await open(folder), folder, files },
    again: () => open(kind === 's3' ? tempFolder() : folder),
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
