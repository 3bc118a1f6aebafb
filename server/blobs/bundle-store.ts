import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { readRange, receiveFile } from './incoming-file.ts';

/** A bundle of an org. */
export interface BundleKey {
  readonly orgId: string;
  /** Hex; checked, since it is a part of a path. */
  readonly sha256: string;
}

/** The bytes of source bundles. */
export interface BundleStore {
  /**
   * Writes the bytes to disk as they come, and keeps them when they have the hash of the key. The same bundle again
   * replaces itself. Answers the size. Errors: `too_large`, `invalid` (another hash), `unavailable` (the disk).
   */
  keep(
    key: BundleKey,
    chunks: AsyncIterable<Uint8Array>,
    size: number | undefined,
  ): Promise<{ readonly size: number }>;
  /** Undefined: the bytes are not there. */
  has(key: BundleKey): Promise<{ readonly size: number } | undefined>;
  /** The bytes, read on demand. Errors: `not_found`. */
  read(key: BundleKey): Promise<{ readonly size: number; readonly chunks: AsyncIterable<Uint8Array> }>;
  remove(key: BundleKey): Promise<void>;
  /** Deletes the files of uploads that a crash has interrupted. Only for the start, before uploads come in. */
  removeLeftovers(): Promise<void>;
}

export function createFolderBundles(blobs: string, keepFreeBytes = 1024 ** 3): BundleStore {
  const folder = join(blobs, 'bundles');
  const incoming = join(folder, '.incoming');
  // An org's id may hold what a path must not, or differ from another one by upper case alone.
  const folderOf = (orgId: string) => createHash('sha256').update(orgId).digest('hex').slice(0, 32);
  const pathOf = ({ orgId, sha256 }: BundleKey) => join(folder, folderOf(orgId), `${sha256}.tar.gz`);

  return {
    async keep(key, chunks, size) {
      const expected = { maxBytes: limits.bundleBytes, size, sha256: key.sha256 };
      const file = await receiveFile(incoming, chunks, expected, { keepFreeBytes, what: 'bundles' });
      try {
        await file.moveTo(pathOf(key));
      } finally {
        await file.discard();
      }
      return { size: file.size };
    },
    async has(key) {
      const found = await stat(pathOf(key)).catch(() => undefined);
      return found && { size: found.size };
    },
    async read(key) {
      const path = pathOf(key);
      const found = await stat(path).catch(() => undefined);
      if (!found) throw new QgjobError('not_found', `the bytes of bundle ${key.sha256} are gone`);
      return { size: found.size, chunks: readRange(path, 0, found.size) };
    },
    remove: (key) => rm(pathOf(key), { force: true }),
    removeLeftovers: () => rm(incoming, { recursive: true, force: true }),
  };
}
