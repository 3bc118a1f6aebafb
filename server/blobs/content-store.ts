import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { TurnsByKey } from './in-turn.ts';
import { readRange, receiveFile } from './incoming-file.ts';
import { sizeOf } from './job-folders.ts';

/** A file of an org. */
export interface ContentKey {
  readonly orgId: string;
  /** Hex; checked, since it is a part of a path. */
  readonly sha256: string;
}

/** What is kept in a store, and how. */
export interface ContentKind {
  /** The folder below that of all blobs; errors call the files so. */
  readonly name: string;
  /** How the names of the files end. */
  readonly ending: string;
  /** Of one file. */
  readonly maxBytes: number;
}

/** A file that came, at no final place yet. */
export interface IncomingContent {
  readonly size: number;
  readonly sha256: string;
  /** Gives it to an org; the same file again replaces itself. */
  keep(orgId: string): Promise<void>;
  /** Deletes it, unless it was kept. */
  discard(): Promise<void>;
}

/** Files by the hash of their bytes: source bundles, or the builds of apps. */
export interface ContentStore {
  /** Writes bytes to disk as they come. Errors: `too_large`, `invalid` (another hash than given), `unavailable` (the disk). */
  receive(
    chunks: AsyncIterable<Uint8Array>,
    expected: { readonly size: number | undefined; readonly sha256?: string },
  ): Promise<IncomingContent>;
  /** The same where the hash is known, and keeps them at once. Answers the size. */
  keep(
    key: ContentKey,
    chunks: AsyncIterable<Uint8Array>,
    size: number | undefined,
  ): Promise<{ readonly size: number }>;
  /** Undefined: the bytes are not there. */
  has(key: ContentKey): Promise<{ readonly size: number } | undefined>;
  /** The bytes, read on demand. Errors: `not_found`. */
  read(key: ContentKey): Promise<{ readonly size: number; readonly chunks: AsyncIterable<Uint8Array> }>;
  remove(key: ContentKey): Promise<void>;
  /**
   * Runs a work alone among those of the same file. An upload and the deletion of an unused file are such works: the row
   * of a file never stands without its bytes.
   */
  inTurn<T>(key: ContentKey, work: () => Promise<T>): Promise<T>;
  /** Deletes the files that are not among `known` and were not changed since `before` (epoch ms). */
  removeUnknown(known: Iterable<ContentKey>, before: number): Promise<void>;
  /** Bytes of all files, those of uploads that are under way too. */
  size(): Promise<number>;
  /** Deletes the files of uploads that a crash has interrupted. Only for the start, before uploads come in. */
  removeLeftovers(): Promise<void>;
}

/** A store in a folder of `blobs`. While the disk has less than `keepFreeBytes` left, uploads are put off. */
export function createFolderContent(
  blobs: string,
  { name, ending, maxBytes }: ContentKind,
  keepFreeBytes = 1024 ** 3,
): ContentStore {
  const folder = join(blobs, name);
  const incoming = join(folder, '.incoming');
  // An org's id may hold what a path must not, or differ from another one by upper case alone.
  const folderOf = (orgId: string) => createHash('sha256').update(orgId).digest('hex').slice(0, 32);
  const turns = new TurnsByKey();
  const pathOf = ({ orgId, sha256 }: ContentKey) => join(folder, folderOf(orgId), `${sha256}${ending}`);

  const receive: ContentStore['receive'] = async (chunks, { size, sha256 }) => {
    const file = await receiveFile(
      incoming,
      chunks,
      { maxBytes, size, sha256 },
      { keepFreeBytes, what: name },
    );
    return { ...file, keep: (orgId) => file.moveTo(pathOf({ orgId, sha256: file.sha256 })) };
  };

  return {
    receive,
    async keep({ orgId, sha256 }, chunks, size) {
      const file = await receive(chunks, { size, sha256 });
      try {
        await file.keep(orgId);
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
      if (!found) throw new QgjobError('not_found', `the bytes of ${key.sha256} are gone from the ${name}`);
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
