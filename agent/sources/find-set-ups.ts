import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSubmitted, readSubmittedStart } from '../read-submitted.ts';

/** What makes a source ready to run: a command in a folder. */
export interface SetUp {
  readonly argv: readonly string[];
  /** Absolute: the folder of a lock file, else that of the tests. */
  readonly folder: string;
  /** It is npm's own, so its packages may be kept. */
  readonly isNpm?: true;
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
 * The set-ups of a source, in the order in which they run: in the folder of the lock file that is nearest from `root` up to
 * `top`, then in each folder with a lock file on the way from `root` to a test. Each runs `settings` (argv; empty: none;
 * without any lock file in `root`), or what its lock file says. `tests` are relative to `root`.
 */
export function findSetUps(
  top: string,
  root: string,
  tests: readonly string[],
  settings: readonly string[] | undefined,
): readonly SetUp[] {
  if (settings?.length === 0) return [];
  const above = foldersUp(root, top).find(hasLockFile);
  const below = tests.flatMap((test) => foldersUp(dirname(join(root, test)), root)).filter(hasLockFile);
  const folders = [...new Set([...(above === undefined ? [] : [above]), ...below])].sort();
  if (settings) return (folders.length > 0 ? folders : [root]).map((folder) => ({ argv: settings, folder }));
  return folders.filter(needsPackages).map((folder) => setUpOf(folder));
}

const lifecycle = ['preinstall', 'install', 'postinstall', 'prepare'];

/** A package.json that names qgjob alone has it for whoever submits: the tests need no packages, and none is fetched. */
function needsPackages(folder: string): boolean {
  const { dependencies, devDependencies, optionalDependencies, workspaces, scripts } = readManifest(folder);
  const wanted = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
  const doesMore = workspaces !== undefined || lifecycle.some((name) => scripts?.[name] !== undefined);
  return doesMore || wanted.length !== 1 || wanted[0] !== 'qgjob';
}

interface Manifest {
  readonly dependencies?: object;
  readonly devDependencies?: object;
  readonly optionalDependencies?: object;
  readonly workspaces?: unknown;
  readonly scripts?: Readonly<Record<string, unknown>>;
}

/** Empty where there is none that can be read: the set-up says what is wrong with it. */
function readManifest(folder: string): Manifest {
  try {
    return JSON.parse(readSubmitted(join(folder, 'package.json')) ?? '{}') ?? {};
  } catch {
    return {};
  }
}

/** From a folder up to one that is around it, both included. */
function foldersUp(from: string, to: string): string[] {
  const above = dirname(from);
  return from === to || above === from ? [from] : [from, ...foldersUp(above, to)];
}

const lockFileOf = (folder: string) => commands.find(([name]) => existsSync(join(folder, name)));
const hasLockFile = (folder: string): boolean => lockFileOf(folder) !== undefined;

function setUpOf(folder: string): SetUp {
  const [lockFile = '', ...argv] = lockFileOf(folder) ?? [];
  if (argv[0] === 'npm') return { argv, folder, isNpm: true };
  return { argv: isClassic(folder, lockFile) ? yarnClassic : argv, folder };
}

/** Its second line says it. */
const headBytes = 4096;

const isClassic = (folder: string, lockFile: string): boolean =>
  lockFile === 'yarn.lock' &&
  (readSubmittedStart(join(folder, lockFile), headBytes) ?? '').includes('# yarn lockfile v1');
