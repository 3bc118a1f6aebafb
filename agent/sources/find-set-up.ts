import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';

/** What makes a source ready to run: a command, in a folder, and what its outcome depends on. */
export interface SetUp {
  readonly argv: readonly string[];
  /** Absolute: the top of the source. */
  readonly top: string;
  /** Absolute: the folder of the lock file. */
  readonly folder: string;
  /** The same key: the same packages. */
  readonly key: string;
}

/** The command of each lock file. Packages come from the host's own cache where it has them. */
const commands: readonly (readonly [lockFile: string, ...argv: string[]])[] = [
  ['package-lock.json', 'npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
  ['npm-shrinkwrap.json', 'npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
  ['pnpm-lock.yaml', 'pnpm', 'install', '--frozen-lockfile', '--prefer-offline'],
  ['yarn.lock', 'yarn', 'install', '--immutable'],
];

/** Files beside a lock file on which the packages depend too. */
const manifests = new Set([
  'package.json',
  '.npmrc',
  '.yarnrc',
  '.yarnrc.yml',
  'pnpm-workspace.yaml',
  '.nvmrc',
]);
/** Folders whose files change packages at their install. */
const patchFolders = /(^|\/)(patches|\.yarn\/(patches|releases|plugins))\//;

/**
 * The set-up of a source: `settings` (argv; empty: none), or by the lock file that is nearest, from `root` up to `top`.
 * Undefined: there is nothing to do. The key is of the lock file, of all manifests below its folder, of the command and
 * of the host's kind.
 */
export async function findSetUp(
  top: string,
  root: string,
  settings: readonly string[] | undefined,
): Promise<SetUp | undefined> {
  if (settings?.length === 0) return undefined;
  const found = findLockFile(top, root);
  if (!found && !settings) return undefined;
  const folder = found?.folder ?? root;
  const argv = settings ?? (found?.argv as readonly string[]);
  return { argv, top, folder, key: await keyOf(folder, argv) };
}

function findLockFile(top: string, root: string): { argv: readonly string[]; folder: string } | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const command = commands.find(([lockFile]) => existsSync(join(folder, lockFile)));
    if (command) return { argv: command.slice(1), folder };
    if (folder === top || folder === dirname(folder)) return undefined;
  }
}

async function keyOf(folder: string, argv: readonly string[]): Promise<string> {
  const lockFiles = new Set(commands.map(([name]) => name));
  const all = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = all
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      return manifests.has(name) || lockFiles.has(name) || patchFolders.test(path);
    })
    .sort();
  const hash = createHash('sha256');
  hash.update(JSON.stringify([argv, process.platform, process.arch]));
  for (const path of paths) {
    const bytes = await readFile(join(folder, path));
    hash.update(`\n${path} ${bytes.length}\n`).update(bytes);
  }
  return hash.digest('hex');
}
