import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { FileLock } from '../../host/lock-file.ts';
import type { HostLocks } from '../resources/host-lock.ts';
import { KeptEntries } from './kept-entries.ts';
import { sealTree } from './sealed-tree.ts';

const Note = z.object({
  digest: z.string(),
  bytes: z.number(),
  scripted: z
    .array(z.string())
    .describe('Names of the packages that have scripts to run where they are used'),
});
/** What is known of kept packages. */
export type Note = z.output<typeof Note>;

const mostBytes = 4 * 1024 ** 3;
/** How often it is looked whether another slot or agent has made what this one waits for. */
const lookMs = 50;
const fullDisk = ['ENOSPC', 'EDQUOT', 'EMFILE', 'ENFILE'];
const noteName = 'note.json';
const treeName = 'tree';

/** What packages are kept by: says all that they depend on. */
export const keyOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/**
 * Installed packages on this host, by what they were made from. Leases get copies. An entry is sealed when it is made and
 * used only as long as it is the same. This process goes by what it knows of an entry, not by what is written beside it.
 */
export class PackageCache {
  readonly #folder: string;
  readonly #kept: KeptEntries;
  readonly #locks: HostLocks;
  readonly #notes = new Map<string, Note>();
  readonly #refused = new Set<string>();
  #manager: Promise<string> | undefined;

  constructor(folder: string, locks: HostLocks) {
    this.#folder = folder;
    this.#kept = new KeptEntries(folder);
    this.#locks = locks;
  }

  /** Which package manager the leases of this agent have: asked once, and again where the question failed. */
  manager(ask: () => Promise<string>): Promise<string> {
    this.#manager ??= ask().catch((error: unknown) => {
      this.#manager = undefined;
      throw error;
    });
    return this.#manager;
  }

  /** From now on each lease installs these for itself. */
  refuse(key: string): void {
    this.#refused.add(key);
  }

  isRefused(key: string): boolean {
    return this.#refused.has(key);
  }

  /**
   * Copies an entry into a new folder. Undefined: there is none, or it was damaged and is gone; then the copy is of no use.
   * Errors: the reason of the signal, those of the disk.
   */
  async copy(key: string, to: string, signal: AbortSignal): Promise<Note | undefined> {
    const entry = await this.#kept.find(key);
    if (entry === undefined) return undefined;
    const note = this.#notes.get(key) ?? (await readNote(join(entry, noteName)));
    const seal = await sealTree(join(entry, treeName), { copyTo: to, signal }).catch(
      (error: NodeJS.ErrnoException) => {
        // What cannot be read is damaged, or was removed by another agent meanwhile.
        if (signal.aborted || fullDisk.includes(error.code ?? '')) throw error;
      },
    );
    if (note !== undefined && seal?.digest === note.digest) {
      this.#notes.set(key, note);
      return note;
    }
    await this.#kept.remove(key);
    this.#notes.delete(key);
    return undefined;
  }

  /** For the one who makes an entry, on the whole host. Errors: the reason of the signal. */
  async lock(key: string, signal: AbortSignal): Promise<FileLock> {
    for (;;) {
      const lock = this.#locks.tryLock(`packages:${join(this.#folder, key)}`);
      if (lock) return lock;
      await sleep(lookMs, undefined, { signal });
    }
  }

  /** Keeps a copy of `folders` (relative) in `top`, those that are there, and removes the entries that were used least recently. */
  async add(
    key: string,
    top: string,
    folders: readonly string[],
    scripted: readonly string[],
    signal: AbortSignal,
  ): Promise<void> {
    await this.#kept.remove(key);
    await this.#kept.add(key, async (part) => {
      const tree = join(part, treeName);
      await mkdir(tree);
      for (const folder of folders.filter((path) => existsSync(join(top, path))))
        await sealTree(join(top, folder), { copyTo: join(tree, folder), signal });
      const { digest, bytes } = await sealTree(tree, { signal });
      const note: Note = { digest, bytes, scripted: [...scripted] };
      await writeFile(join(part, noteName), JSON.stringify(note));
      this.#notes.set(key, note);
      return true;
    });
    await this.#kept.keepWithin(
      mostBytes,
      async (entry) => (await readNote(join(entry, noteName)))?.bytes ?? 0,
    );
  }

  /** Removes what processes that are gone left unfinished. */
  clearTorn(): Promise<void> {
    return this.#kept.clearTorn();
  }
}

/** Undefined for one that is not there, or damaged. */
async function readNote(path: string): Promise<Note | undefined> {
  try {
    return Note.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}
