import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../children/processes.ts';

/** Its time says when an entry was last used. */
const usedName = 'used';

/** An entry that is being made has a name that no key begins with, with the pid of its maker. */
const partName = (): string => `.${process.pid}-${randomUUID()}`;
const isMade = (name: string): boolean => !name.startsWith('.');

/**
 * A folder with one folder for each key, for all agents that share it. An entry appears whole or not at all; the least
 * recently used go first.
 */
export class KeptEntries {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The folder of an entry; undefined where there is none. Notes that it was used. */
  async find(key: string): Promise<string | undefined> {
    const entry = join(this.#folder, key);
    try {
      await writeFile(join(entry, usedName), '', { flag: 'r+' });
      await writeFile(join(entry, usedName), '');
      return entry;
    } catch {
      return undefined;
    }
  }

  /** Makes an entry by filling a new folder; `fill` answers whether it is good. Where another agent was first, its entry stays. */
  async add(key: string, fill: (folder: string) => Promise<boolean>): Promise<void> {
    const part = join(this.#folder, partName());
    try {
      await mkdir(part, { recursive: true, mode: 0o700 });
      if (!(await fill(part))) return;
      await writeFile(join(part, usedName), '');
      await rename(part, join(this.#folder, key)).catch(() => undefined);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }

  async remove(key: string): Promise<void> {
    await rm(join(this.#folder, key), { recursive: true, force: true });
  }

  /** Removes the unfinished entries of processes that are gone. */
  async clearTorn(): Promise<void> {
    for (const name of await readdir(this.#folder).catch(() => [])) {
      const [, pid] = /^\.(\d+)-/.exec(name) ?? [];
      // One of our own number is of an earlier process: this one has made none yet.
      const isOpen = pid !== undefined && Number(pid) !== process.pid && isAlive(Number(pid));
      if (!isMade(name) && !isOpen) await this.remove(name);
    }
  }

  /**
   * Removes the least recently used entries until the sum of what `sizeOf` says (0 where it fails) is at most `most`. Where
   * `lock` answers nothing, the entry is in use and stays.
   */
  async keepWithin(
    most: number,
    sizeOf: (folder: string) => Promise<number>,
    lock: (key: string) => { unlock(): void } | undefined = () => ({ unlock: () => undefined }),
  ): Promise<void> {
    const names = (await readdir(this.#folder).catch(() => [])).filter(isMade);
    const entries = await Promise.all(
      names.map(async (name) => {
        const used = await stat(join(this.#folder, name, usedName)).catch(() => undefined);
        return {
          name,
          usedMs: used?.mtimeMs ?? 0,
          size: await sizeOf(join(this.#folder, name)).catch(() => 0),
        };
      }),
    );
    let sum = 0;
    for (const { name, size } of entries.sort((a, b) => b.usedMs - a.usedMs)) {
      sum += size;
      const held = sum > most ? lock(name) : undefined;
      if (held === undefined) continue;
      await this.remove(name).finally(() => held.unlock());
    }
  }
}
