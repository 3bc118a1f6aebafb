import { createHash } from 'node:crypto';
import type { DirectAccess } from './direct-access.ts';

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
  /** Where callers may reach the files themselves; undefined: their bytes go through the server alone. */
  readonly direct?: DirectAccess<ContentKey>;
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
  /**
   * Runs a work alone among those of the same file in this process: of many uploads at once only the first one brings
   * bytes. What keeps a deletion apart from an upload, also of another server, are the marks in the database.
   */
  inTurn<T>(key: ContentKey, work: () => Promise<T>): Promise<T>;
  /** The name of a file among all blobs. */
  nameOf(key: ContentKey): string;
  /** Deletes files by their names. */
  remove(names: readonly string[]): Promise<void>;
  /** The names of the files that were not changed since `before` (epoch ms), some at a time. */
  listOld(before: number): AsyncIterable<readonly string[]>;
  /**
   * Deletes the files of uploads that a crash has interrupted. Only for the start, before uploads come in; where other
   * servers may be uploading, with `before` (epoch ms): only what was not changed since.
   */
  removeLeftovers(before?: number): Promise<void>;
}

/** An org's id may hold what a path must not, or differ from another one by upper case alone. */
const folderOf = (orgId: string): string => createHash('sha256').update(orgId).digest('hex').slice(0, 32);

/** The name of a file of an org. */
export const contentName = ({ name, ending }: ContentKind, { orgId, sha256 }: ContentKey): string =>
  `${name}/${folderOf(orgId)}/${sha256}${ending}`;
