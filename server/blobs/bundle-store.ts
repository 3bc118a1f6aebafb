import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { TurnsByKey } from './in-turn.ts';
import { readRange, receiveFile } from './incoming-file.ts';
import { sizeOf } from './job-folders.ts';

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
  /**
   * Runs a work alone among those of the same bundle. An upload and the deletion of an unused bundle are such works: the row
   * of a bundle never stands without its bytes.
   */
  inTurn<T>(key: BundleKey, work: () => Promise<T>): Promise<T>;
  /** Deletes the bundles that are not among `known` and were not changed since `before` (epoch ms). */
  removeUnknown(known: Iterable<BundleKey>, before: number): Promise<void>;
  /** Bytes of all bundles, those of uploads that are under way too. */
  size(): Promise<number>;
  /** Deletes the files of uploads that a crash has interrupted. Only for the start, before uploads come in. */
  removeLeftovers(): Promise<void>;
}

export function createFolderBundles(blobs: string, keepFreeBytes = 1024 ** 3): BundleStore {
  const folder = join(blobs, 'bundles');
  const incoming = join(folder, '.incoming');
  // An org's id may hold what a path must not, or differ from another one by upper case alone.
  const folderOf = (orgId: string) => createHash('sha256').update(orgId).digest('hex').slice(0, 32);
  const turns = new TurnsByKey();
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
    inTurn: (key, work) => turns.run(pathOf(key), work),
    removeUnknown: (known, before) => removeUnknown(folder, new Set([...known].map(pathOf)), before),
    size: () => sizeOf(folder),
    removeLeftovers: () => rm(incoming, { recursive: true, force: true }),
  };
}

async function removeUnknown(folder: string, known: ReadonlySet<string>, before: number): Promise<void> {
  const orgs = (await readdir(folder).catch(() => [])).filter((name) => !name.startsWith('.'));
  for (const org of orgs) {
    for (const name of await readdir(join(folder, org)).catch(() => [])) {
      const path = join(folder, org, name);
      const found = await stat(path).catch(() => undefined);
      if (found && found.mtimeMs < before && !known.has(path)) await rm(path, { force: true });
    }
  }
}
