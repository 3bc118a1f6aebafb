import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { KeptEntries } from './kept-entries.ts';

/** Fetches the bytes of a bundle from the server into a file. Returns their sha256 in hex. */
export type Download = (path: string) => Promise<string>;

const mostBytes = 2 * 1024 ** 3;
const archiveName = 'bundle.tar.gz';
/** What came broken once may come whole the next time. */
const mostTries = 2;

/** The server, or this disk, gives other bytes than the hash says. */
export class OtherBytes extends Error {
  override readonly name = 'OtherBytes';
}

/**
 * The archives of bundles on this host, by content. Tests may be able to write here, so an archive is hashed at each use;
 * one that was changed is fetched again.
 */
export class BundleCache {
  readonly #kept: KeptEntries;
  readonly #fetching = new Map<string, Promise<string>>();

  constructor(folder: string) {
    this.#kept = new KeptEntries(folder);
  }

  /** The path of the archive. Errors: those of the download; OtherBytes when it brings them a second time. */
  get(sha256: string, download: Download): Promise<string> {
    const running = this.#fetching.get(sha256);
    // What ended the other slot's download, its lost lease say, need not end this one.
    if (running) return running.catch(() => this.get(sha256, download));
    const fetching = this.#get(sha256, download).finally(() => this.#fetching.delete(sha256));
    this.#fetching.set(sha256, fetching);
    return fetching;
  }

  async #get(sha256: string, download: Download): Promise<string> {
    for (let tries = 0; ; tries += 1) {
      const known = await this.#find(sha256);
      if (known !== undefined) return known;
      if (tries === mostTries)
        throw new OtherBytes(`what came for bundle ${sha256} are other bytes than its hash says`);
      await this.#kept.remove(sha256);
      await this.#kept.add(sha256, async (folder) => {
        return (await download(join(folder, archiveName))) === sha256;
      });
      await this.#kept.keepWithin(mostBytes, async (folder) => (await stat(join(folder, archiveName))).size);
    }
  }

  /** Undefined where it is not there, or its bytes are others. */
  async #find(sha256: string): Promise<string | undefined> {
    const folder = await this.#kept.find(sha256);
    if (folder === undefined) return undefined;
    const path = join(folder, archiveName);
    return (await hashOf(path)) === sha256 ? path : undefined;
  }

  /** Removes what processes that are gone left unfinished. */
  clearTorn(): Promise<void> {
    return this.#kept.clearTorn();
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
