import { lstat, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { listTree } from './sealed-tree.ts';

/** What `npm ci` reads of a folder when it runs none of its code, and what it makes there. Paths are relative, with `/`. */
export interface NpmPackages {
  /** Manifests, lock files, settings and packed packages, by path. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** Folders that may get a `node_modules`; '' is the folder of the lock file. */
  readonly homes: readonly string[];
  /** What the lock file says, by path: `a/node_modules/b`. */
  readonly packages: Locked;
  /** Names of packages that are folders of the source. */
  readonly linked: readonly string[];
  /** The scripts of the folder itself that `npm ci` runs at its end, in order, as `npm run` starts them. */
  readonly scripts: readonly string[];
}

const Package = z.looseObject({
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  link: z.boolean().optional(),
  inBundle: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
});
const LockFile = z.looseObject({
  lockfileVersion: z.int().min(2),
  packages: z.record(z.string(), Package),
});
type Locked = z.output<typeof LockFile>['packages'];

const Manifest = z.looseObject({
  scripts: z.record(z.string(), z.unknown()).default({}),
  workspaces: z.unknown().optional(),
});

/** More is a matter of the lease itself. */
const mostBytes = 64 * 1024 ** 2;

/**
 * Reads what there is to know before an install. Undefined where its result may depend on more than these files: packages
 * from repositories or without a hash, folders outside, a lock file of old, settings that forbid scripts.
 */
export async function findNpmPackages(folder: string): Promise<NpmPackages | undefined> {
  const files = new Map<string, Buffer>();
  const read = async (path: string): Promise<string | undefined> => {
    const bytes = await readPlain(join(folder, path));
    if (bytes !== undefined) files.set(path, bytes);
    return bytes?.toString('utf8');
  };
  const [shrunk, locked] = [await read('npm-shrinkwrap.json'), await read('package-lock.json')];
  const lock = LockFile.safeParse(parse(shrunk ?? locked));
  const manifest = Manifest.safeParse(parse(await read('package.json')));
  const forbids = /ignore-scripts/i.test((await read('.npmrc')) ?? '');
  if (!lock.success || !manifest.success || forbids || (await hasFile(join(folder, 'binding.gyp'))))
    return undefined;
  // Npm runs these with the install, which is here without scripts.
  if (aroundDependencies.some((name) => name in manifest.data.scripts)) return undefined;
  const needed = neededFiles(lock.data.packages);
  if (needed === undefined) return undefined;
  const manifests = manifest.data.workspaces === undefined ? [] : await listManifests(folder);
  for (const path of [...needed.manifests, ...manifests]) await read(path);
  for (const path of needed.packed) if ((await read(path)) === undefined) return undefined;
  const bytes = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  if (bytes > mostBytes) return undefined;
  const { packages } = lock.data;
  return { files, packages, ...placesOf(packages), scripts: lastScripts(manifest.data.scripts) };
}

const aroundDependencies = ['predependencies', 'dependencies', 'postdependencies'];

const modules = 'node_modules/';

const isInstalled = (path: string): boolean => `/${path}`.includes(`/${modules}`);

/** Where packages go. The part before the first `node_modules` is a folder of the source. */
function placesOf(packages: Locked): Pick<NpmPackages, 'homes' | 'linked'> {
  const installed = Object.keys(packages).filter(isInstalled);
  return {
    homes: [...new Set(installed.map((path) => path.slice(0, path.indexOf(modules)).replace(/\/$/, '')))],
    linked: installed.filter((path) => packages[path]?.link).map(packageName),
  };
}

/** `@a/b` of `x/node_modules/@a/b`. */
const packageName = (path: string): string => path.slice(path.lastIndexOf(modules) + modules.length);

function neededFiles(packages: Locked): { manifests: string[]; packed: string[] } | undefined {
  const needed = { manifests: [] as string[], packed: [] as string[] };
  for (const [path, { resolved = '', integrity, link, inBundle }] of Object.entries(packages)) {
    if (path === '') continue;
    if (!isPlain(path)) return undefined;
    if (!isInstalled(path)) needed.manifests.push(`${path}/package.json`);
    else if (link ? !isPlain(resolved) : !inBundle && integrity === undefined) return undefined;
    if (link || !resolved.startsWith('file:')) continue;
    if (!isPlain(resolved.slice(5))) return undefined;
    needed.packed.push(resolved.slice(5));
  }
  return needed;
}

/** A path inside, as npm writes it. */
const isPlain = (path: string): boolean =>
  !/[\\:\0]/.test(path) && !path.split('/').some((part) => part === '' || part === '.' || part === '..');

/** Patterns of workspaces are npm's matter: it gets all manifests. */
async function listManifests(folder: string): Promise<string[]> {
  return (await listTree(folder))
    .filter(({ entry }) => entry.isFile() && entry.name === 'package.json')
    .map(({ path }) => path.replaceAll('\\', '/'))
    .filter((path) => !isInstalled(path));
}

/** `npm run install` runs what comes before and after it too, and so does `npm run prepare`. */
function lastScripts(scripts: Readonly<Record<string, unknown>>): string[] {
  const has = (name: string): boolean => typeof scripts[name] === 'string' && scripts[name] !== '';
  const around = (name: string): string[] => (has(name) ? [name] : [`pre${name}`, `post${name}`].filter(has));
  return [...around('install'), ...['prepublish'].filter(has), ...around('prepare')];
}

/** Undefined for all but a file. A link, also one on the way, is not followed: what it leads to is not of the source. */
async function readPlain(path: string): Promise<Buffer | undefined> {
  const isThere = (await hasFile(path)) && (await realpath(path)) === path;
  return isThere ? readFile(path) : undefined;
}

const hasFile = async (path: string): Promise<boolean> =>
  (await lstat(path).catch(() => undefined))?.isFile() ?? false;

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse((text ?? '').replace(/^\uFEFF/, ''));
  } catch {
    return undefined;
  }
}

/**
 * The names of the packages below `folder` that have scripts to run when they are installed, as `npm ci` finds them: by the
 * lock file, or by their `binding.gyp`. Undefined where npm could not be told to run them later: they lie in the package of
 * another.
 */
export async function findInstallScripts(
  folder: string,
  { packages, linked }: Pick<NpmPackages, 'packages' | 'linked'>,
): Promise<string[] | undefined> {
  const names = new Set<string>();
  for (const [path, { hasInstallScript, inBundle }] of Object.entries(packages)) {
    if (!isInstalled(path) || linked.includes(packageName(path))) continue;
    // One that is not there was not installed: it is for other systems.
    if (!(await hasFile(join(folder, path, 'package.json')))) continue;
    if (!hasInstallScript && !(await hasFile(join(folder, path, 'binding.gyp')))) continue;
    if (inBundle) return undefined;
    names.add(packageName(path));
  }
  return [...names].sort();
}
