import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { chmod, copyFile, lstat, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FileLock } from '../../host/lock-file.ts';
import type { HostLocks } from '../resources/host-lock.ts';
import { type Download, OtherBytes } from '../sources/bundle-cache.ts';
import { KeptEntries } from '../sources/kept-entries.ts';

const buildName = 'build';
const defaultMostBytes = 8 * 1024 ** 3;
/** How often it is looked whether another slot or agent has fetched what this one waits for. */
const lookMs = 50;
/** What came broken once may come whole the next time. */
const mostTries = 2;

/** Clones where the file system can. */
const copyMode = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/**
 * The builds of apps on this host, by content, for all agents of this data folder. A lease gets a copy of its own: what a
 * test does to that reaches no other lease. Tests may be able to write here too, so it is the copy whose bytes are checked,
 * unless this process knows that nobody has touched the kept file since it last did so.
 */
export class AppCache {
  readonly #folder: string;
  readonly #kept: KeptEntries;
  readonly #locks: HostLocks;
  readonly #mostBytes: number;
  /** By hash: what the file was when its bytes were found to be right. */
  readonly #seals = new Map<string, string>();

  /** `mostBytes`: above so many the least recently used go, but never one that is in use. */
  constructor(folder: string, locks: HostLocks, mostBytes = defaultMostBytes) {
    this.#folder = folder;
    this.#kept = new KeptEntries(folder);
    this.#locks = locks;
    this.#mostBytes = mostBytes;
  }

  /**
   * Makes `to` a copy of a build, which is fetched where this host does not have it; one slot of the host at a time.
   * Errors: those of the download and the disk, OtherBytes where it twice brings others, the reason of the signal.
   */
  async copy(sha256: string, to: string, download: Download, signal: AbortSignal): Promise<void> {
    const lock = await this.#lock(sha256, signal);
    let tries = 0;
    try {
      for (; !(await this.#tryCopy(sha256, to)); tries += 1) {
        signal.throwIfAborted();
        if (tries === mostTries)
          throw new OtherBytes(`what came for the app ${sha256} are other bytes than its hash says`);
        await this.#fetch(sha256, download);
      }
    } finally {
      lock.unlock();
    }
    if (tries > 0) await this.#makeRoom(sha256);
  }

  async #lock(sha256: string, signal: AbortSignal): Promise<FileLock> {
    for (;;) {
      signal.throwIfAborted();
      const lock = this.#locks.tryLock(this.#nameOf(sha256));
      if (lock) return lock;
      await sleep(lookMs, undefined, { signal });
    }
  }

  #nameOf = (sha256: string): string => `apps:${join(this.#folder, sha256)}`;

  async #fetch(sha256: string, download: Download): Promise<void> {
    await this.#kept.remove(sha256);
    this.#seals.delete(sha256);
    await this.#kept.add(sha256, async (folder) => (await download(join(folder, buildName))) === sha256);
  }

  /** False where it is not kept, or its bytes are others. */
  async #tryCopy(sha256: string, to: string): Promise<boolean> {
    const entry = await this.#kept.find(sha256);
    if (entry === undefined) return false;
    const path = join(entry, buildName);
    const before = await sealOf(path);
    if (before === undefined) return false;
    await copyFile(path, to, copyMode);
    // A test cannot make it what it was: nobody can set the time at which a file was last changed.
    const after = await sealOf(path);
    const isKnown = after === before && this.#seals.get(sha256) === after;
    if (!isKnown && (await hashOf(to)) !== sha256) {
      await rm(to, { force: true });
      return false;
    }
    if (after !== undefined && after === before) this.#seals.set(sha256, after);
    await chmod(to, 0o444);
    return true;
  }

  async #makeRoom(own: string): Promise<void> {
    await this.#kept.keepWithin(
      this.#mostBytes,
      async (folder) => (await lstat(join(folder, buildName))).size,
      (key) => (key === own ? undefined : this.#locks.tryLock(this.#nameOf(key))),
    );
  }

  /** Removes what processes that are gone left unfinished. */
  clearTorn(): Promise<void> {
    return this.#kept.clearTorn();
  }
}

/** Undefined for anything but a plain file. */
async function sealOf(path: string): Promise<string | undefined> {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  return found?.isFile() ? `${found.dev} ${found.ino} ${found.size} ${found.ctimeNs}` : undefined;
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
