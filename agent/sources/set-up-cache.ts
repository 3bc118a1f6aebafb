import { execFile } from 'node:child_process';
import { cp, lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import type { SetUp } from './find-set-up.ts';
import { KeptEntries } from './kept-entries.ts';

const run = promisify(execFile);

/** Set-ups that are kept. */
const mostKept = 10;

/** What a set-up came to; `failed`: why, in the words of its maker. */
export type SetUpEnd = 'copied' | 'made' | { readonly failed: string };

/**
 * The packages that set-ups have made on this host: the `node_modules` folders of a source, by the key of the set-up.
 * Each lease gets a copy of its own, so what a test writes there reaches no other one. A set-up that also makes or
 * changes other files is not kept: those may depend on the rest of the commit.
 */
export class SetUpCache {
  readonly #kept: KeptEntries;
  readonly #making = new Map<string, Promise<unknown>>();

  constructor(folder: string) {
    this.#kept = new KeptEntries(folder);
  }

  /**
   * Puts the packages into the folder of the set-up: a copy of those that are kept, or by `make`, which are then kept.
   * `make` answers why it failed, or undefined. Slots that need the same packages wait for the first.
   */
  async provide(setUp: SetUp, make: () => Promise<string | undefined>): Promise<SetUpEnd> {
    const { key } = setUp;
    for (let before = this.#making.get(key); before; before = this.#making.get(key))
      await before.catch(() => undefined);
    const making = this.#copyOrMake(setUp, make);
    this.#making.set(key, making);
    try {
      return await making;
    } finally {
      this.#making.delete(key);
    }
  }

  async #copyOrMake({ key, top, folder }: SetUp, make: () => Promise<string | undefined>): Promise<SetUpEnd> {
    const kept = await this.#kept.find(key);
    if (kept !== undefined) {
      await copyAll(join(kept, 'files'), folder);
      return 'copied';
    }
    const before = await describeFiles(top);
    const failed = await make();
    if (failed !== undefined) return { failed };
    if (isDeepStrictEqual(before, await describeFiles(top))) {
      await this.#kept.add(key, (entry) => copyModules(folder, join(entry, 'files')));
      await this.#kept.keepWithin(mostKept, async () => 1);
    }
    return 'made';
  }
}

/** All files of a source but its packages: size and time of change by path. */
async function describeFiles(top: string): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const look = async (folder: string): Promise<void> => {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (entry.name !== 'node_modules') await look(path);
      } else {
        const { size, mtimeMs } = await lstat(path);
        found.set(path, `${size} ${mtimeMs}`);
      }
    }
  };
  await look(top);
  return found;
}

async function copyModules(folder: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const modules of await findModules(folder)) {
    const target = join(to, relative(folder, modules));
    await mkdir(dirname(target), { recursive: true });
    await copyAll(modules, target);
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
