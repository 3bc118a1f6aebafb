import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { QgjobError } from '../../protocol/errors.ts';

/** Fetches the bytes of a bundle from the server. */
export type Download = () => Promise<Uint8Array>;

/** Bytes of all bundles in the cache; the least recently used go first. */
const mostBytes = 2 * 1024 ** 3;

/**
 * The archives of bundles on this host, by content. Tests may be able to write here, so an archive is hashed at each use;
 * one that was changed is fetched again.
 */
export class BundleCache {
  readonly #folder: string;
  readonly #fetching = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The path of the archive. Errors: those of the download; `unavailable` when it brings other bytes. */
  async get(sha256: string, download: Download): Promise<string> {
    const running = this.#fetching.get(sha256);
    if (running) return running;
    const fetching = this.#get(sha256, download).finally(() => this.#fetching.delete(sha256));
    this.#fetching.set(sha256, fetching);
    return fetching;
  }

  async #get(sha256: string, download: Download): Promise<string> {
    const path = join(this.#folder, `${sha256}.tar.gz`);
    if ((await hashOf(path)) !== sha256) await this.#fetch(path, sha256, download);
    const now = new Date();
    await utimes(path, now, now);
    return path;
  }

  async #fetch(path: string, sha256: string, download: Download): Promise<void> {
    const bytes = await download();
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new QgjobError('unavailable', `the server sent other bytes than those of bundle ${sha256}`);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#makeRoom(bytes.length);
    const part = join(this.#folder, `.${randomUUID()}`);
    try {
      await writeFile(part, bytes, { flag: 'wx', mode: 0o600 });
      await rename(part, path);
    } finally {
      await rm(part, { force: true });
    }
  }

  async #makeRoom(needed: number): Promise<void> {
    const names = await readdir(this.#folder);
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        const at = await stat(path).catch(() => undefined);
        return { path, bytes: at?.size ?? 0, usedMs: at?.mtimeMs ?? 0 };
      }),
    );
    let total = needed + found.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { path, bytes } of found.sort((a, b) => a.usedMs - b.usedMs)) {
      if (total <= mostBytes) return;
      await rm(path, { force: true });
      total -= bytes;
    }
  }
}

/** Undefined where there is no such file. */
async function hashOf(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}
