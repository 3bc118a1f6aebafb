import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { SetUp } from './find-set-up.ts';

const run = promisify(execFile);

/** Set-ups that are kept; the least recently used go first. */
const mostKept = 10;

/**
 * The packages that set-ups have made on this host: the `node_modules` folders of a source, by the key of the set-up.
 * Each lease gets a copy of its own, so what a test writes there reaches no other one.
 */
export class SetUpCache {
  readonly #folder: string;
  readonly #making = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Puts the packages into the folder of the set-up: a copy of those that are kept, or by `make`, which are then kept.
   * Slots that need the same ones wait for the first. Answers what happened, or what `make` says of its failure.
   */
  async provide<F>(
    setUp: SetUp,
    make: () => Promise<F | undefined>,
  ): Promise<'copied' | 'made' | { failed: F }> {
    const { key, folder } = setUp;
    for (let before = this.#making.get(key); before; before = this.#making.get(key))
      await before.catch(() => undefined);
    if (await this.#copyTo(key, folder)) return 'copied';
    const making = (async () => {
      const failed = await make();
      if (failed !== undefined) return { failed };
      await this.#keep(key, folder);
      return 'made' as const;
    })();
    this.#making.set(key, making);
    try {
      return await making;
    } finally {
      this.#making.delete(key);
    }
  }

  async #copyTo(key: string, folder: string): Promise<boolean> {
    const kept = join(this.#folder, key);
    if (!existsSync(join(kept, 'done'))) return false;
    const now = new Date();
    await utimes(kept, now, now);
    await copyAll(join(kept, 'files'), folder);
    return true;
  }

  async #keep(key: string, folder: string): Promise<void> {
    const part = join(this.#folder, `.${randomUUID()}`);
    try {
      await mkdir(join(part, 'files'), { recursive: true, mode: 0o700 });
      for (const modules of await findModules(folder)) {
        const target = join(part, 'files', relative(folder, modules));
        await mkdir(dirname(target), { recursive: true });
        await copyAll(modules, target);
      }
      await mkdir(join(part, 'done'));
      await this.#makeRoom();
      // Another agent of this host may have been first.
      await rename(part, join(this.#folder, key)).catch(() => undefined);
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }

  async #makeRoom(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('.'));
    const found = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        return { path, usedMs: (await stat(path)).mtimeMs };
      }),
    );
    const old = found.sort((a, b) => b.usedMs - a.usedMs).slice(mostKept - 1);
    for (const { path } of old) await rm(path, { recursive: true, force: true });
  }
}

/** The outermost `node_modules` folders below a folder. */
async function findModules(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const lists = entries
    .filter((entry) => entry.isDirectory())
    .map(async ({ name }) => {
      const path = join(folder, name);
      return name === 'node_modules' ? [path] : findModules(path);
    });
  return (await Promise.all(lists)).flat();
}

/**
 * Copies a folder with its links as they are; on disks that can, without copying bytes. `cp` takes 0.16 s for 5000
 * files, Node's own copy several times as long.
 */
async function copyAll(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  if (process.platform === 'linux') await run('cp', ['-a', '--reflink=auto', `${from}/.`, to]);
  else await cp(from, to, { recursive: true, verbatimSymlinks: true, force: true });
}
