import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** What makes a source ready to run: a command in a folder. */
export interface SetUp {
  readonly argv: readonly string[];
  /** Absolute: the folder of the lock file, else that of the tests. */
  readonly folder: string;
}

/** The command of each lock file. Packages come from the host's own download cache where it has them. */
const commands: readonly (readonly [lockFile: string, ...argv: string[]])[] = [
  ['package-lock.json', 'npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
  ['npm-shrinkwrap.json', 'npm', 'ci', '--prefer-offline', '--no-audit', '--no-fund'],
  ['pnpm-lock.yaml', 'pnpm', 'install', '--frozen-lockfile', '--prefer-offline'],
  ['yarn.lock', 'yarn', 'install', '--immutable'],
];

/** Yarn 1 ignores --immutable, and would rewrite a lock file that does not fit. */
const yarnClassic = ['yarn', 'install', '--frozen-lockfile', '--prefer-offline'];

/**
 * The set-up of a source: `settings` (argv; empty: none), or by the lock file that is nearest, from `root` up to `top`.
 * Undefined: there is nothing to do.
 */
export function findSetUp(
  top: string,
  root: string,
  settings: readonly string[] | undefined,
): SetUp | undefined {
  if (settings?.length === 0) return undefined;
  const found = findLockFile(top, root);
  if (settings) return { argv: settings, folder: found?.folder ?? root };
  return found;
}

function findLockFile(top: string, root: string): SetUp | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const [lockFile, ...argv] = commands.find(([name]) => existsSync(join(folder, name))) ?? [];
    if (lockFile !== undefined) return { argv: isClassic(folder, lockFile) ? yarnClassic : argv, folder };
    if (folder === top || folder === dirname(folder)) return undefined;
  }
}

const isClassic = (folder: string, lockFile: string): boolean =>
  lockFile === 'yarn.lock' && readFileSync(join(folder, lockFile), 'utf8').includes('# yarn lockfile v1');
