import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { QgjobError } from '../../protocol/errors.ts';
import { KeptEntries } from './kept-entries.ts';

/** Fetches the bytes of a bundle from the server. */
export type Download = () => Promise<Uint8Array>;

const mostBytes = 2 * 1024 ** 3;
const archiveName = 'bundle.tar.gz';

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

  /** The path of the archive. Errors: those of the download; `unavailable` when it brings other bytes. */
  get(sha256: string, download: Download): Promise<string> {
    const running = this.#fetching.get(sha256);
    // What ended the other slot's download, its lost lease say, need not end this one.
    if (running) return running.catch(() => this.get(sha256, download));
    const fetching = this.#get(sha256, download).finally(() => this.#fetching.delete(sha256));
    this.#fetching.set(sha256, fetching);
    return fetching;
  }

  async #get(sha256: string, download: Download): Promise<string> {
    const known = await this.#find(sha256);
    if (known !== undefined) return known;
    await this.#kept.remove(sha256);
    const bytes = await download();
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) throw otherBytes(sha256);
    await this.#kept.add(sha256, (folder) => writeFile(join(folder, archiveName), bytes, { mode: 0o600 }));
    await this.#kept.keepWithin(mostBytes, async (folder) => (await stat(join(folder, archiveName))).size);
    const added = await this.#find(sha256);
    if (added === undefined) throw otherBytes(sha256);
    return added;
  }

  /** Undefined where it is not there, or its bytes are others. */
  async #find(sha256: string): Promise<string | undefined> {
    const folder = await this.#kept.find(sha256);
    if (folder === undefined) return undefined;
    const path = join(folder, archiveName);
    return (await hashOf(path)) === sha256 ? path : undefined;
  }
}

const otherBytes = (sha256: string): QgjobError =>
  new QgjobError('unavailable', `what came for bundle ${sha256} are other bytes than its hash says`);

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
