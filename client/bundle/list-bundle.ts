import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import ignore from 'ignore';
import { QgjobError } from '../../protocol/errors.ts';
import { pathInside } from '../path-inside.ts';
import { type GitOptions, runGit } from '../run-git.ts';

/** A regular file of a bundle. */
export interface BundleFile {
  /** Relative to the bundle's root, with `/`. */
  readonly path: string;
  /** Where its bytes are: for a link what it leads to. */
  readonly file: string;
  readonly bytes: number;
  readonly isExecutable: boolean;
}

/** What would be in a bundle and cannot be. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

export interface BundleList {
  /** Absolute: git's top level, or the folder itself where there is no git. */
  readonly root: string;
  /** From the root to the folder, with `/`; '' for the root itself. Test paths are relative to it. */
  readonly subdir: string;
  /** Sorted by path. */
  readonly files: readonly BundleFile[];
  readonly leftOut: readonly LeftOut[];
}

/** Never packed, tracked or not, at any depth. */
const neverPacked = new Set(['.git', 'node_modules', 'qgjob-report', '.qgjob']);
/** Files by which a data folder of qgjob shows, whatever its name: it holds tokens. */
const dataFolderMarks = ['admin.token', 'qgjob.db'];
const ignoreFile = '.qgjobignore';

/**
 * What of a folder goes into a bundle. In a repository of git: tracked files as they are on disk, and untracked ones that
 * git does not ignore, from the top level. Elsewhere: all but `node_modules` and folders whose name begins with a dot.
 * `.qgjobignore` (the syntax of .gitignore; at the root and in the folder) takes files out in both cases. A link counts
 * as what it leads to, where that is packed too. Errors: `invalid` where git fails.
 */
export async function listBundle(folder: string, options: GitOptions): Promise<BundleList> {
  const start = await realpath(folder);
  const top = await findTopLevel(start, options);
  const root = top ?? start;
  const subdir = toPosix(pathInside(root, start) ?? '');
  const listed = top === undefined ? walk(root) : await listTracked(root, options);
  const isIgnored = readIgnoreFiles(root, subdir);
  const isData = dataFolders(root);
  const paths = [...new Set(listed)].filter((path) => !isNever(path) && !isData(path) && !isIgnored(path));
  return { root, subdir, ...(await resolveFiles(root, paths.sort())) };
}

const toPosix = (path: string): string => (sep === '/' ? path : path.split(sep).join('/'));

async function findTopLevel(folder: string, options: GitOptions): Promise<string | undefined> {
  const answer = await runGit(folder, ['rev-parse', '--show-toplevel'], options);
  if ('stdout' in answer) return realpath(answer.stdout.replace(/\r?\n$/, ''));
  if (/not a git repository|ENOENT/.test(answer.failure)) return undefined;
  throw new QgjobError('invalid', `git cannot read the repository of ${folder}: ${answer.failure}`);
}

/** Paths from the root; those of submodules too, each by a git of its own. */
async function listTracked(root: string, options: GitOptions): Promise<string[]> {
  const answer = await runGit(
    root,
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    options,
  );
  if ('failure' in answer)
    throw new QgjobError('invalid', `git cannot list the files of ${root}: ${answer.failure}`);
  const paths = answer.stdout.split('\0').filter((path) => path !== '');
  const lists = paths.map(async (path) => {
    const inner = path.replace(/\/$/, '');
    if (!isSubmodule(join(root, inner))) return [path];
    return (await listTracked(join(root, inner), options)).map((one) => `${inner}/${one}`);
  });
  return (await Promise.all(lists)).flat();
}

/** A link to another repository is none. */
const isSubmodule = (folder: string): boolean =>
  lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true && existsSync(join(folder, '.git'));

function walk(root: string, prefix = ''): string[] {
  return readdirSync(join(root, prefix), { withFileTypes: true }).flatMap((entry: Dirent) => {
    const path = `${prefix}${entry.name}`;
    if (!entry.isDirectory()) return [path];
    return entry.name.startsWith('.') || neverPacked.has(entry.name) ? [] : walk(root, `${path}/`);
  });
}

const isNever = (path: string): boolean => path.split('/').some((part) => neverPacked.has(part));

/** Tells paths in a data folder of qgjob. Each folder is looked at once. */
function dataFolders(root: string): (path: string) => boolean {
  const known = new Map<string, boolean>([['.', false]]);
  const isInside = (folder: string): boolean => {
    const seen = known.get(folder);
    if (seen !== undefined) return seen;
    const is =
      isInside(dirname(folder)) || dataFolderMarks.some((name) => existsSync(join(root, folder, name)));
    known.set(folder, is);
    return is;
  };
  return (path) => isInside(dirname(path));
}

function readIgnoreFiles(root: string, subdir: string): (path: string) => boolean {
  const folders = subdir === '' ? [''] : ['', `${subdir}/`];
  const rules = folders.flatMap((prefix) => {
    const file = join(root, prefix, ignoreFile);
    return existsSync(file) ? [{ prefix, rule: ignore().add(readFileSync(file, 'utf8')) }] : [];
  });
  return (path) =>
    rules.some(({ prefix, rule }) => path.startsWith(prefix) && rule.ignores(path.slice(prefix.length)));
}

async function resolveFiles(
  root: string,
  paths: readonly string[],
): Promise<Pick<BundleList, 'files' | 'leftOut'>> {
  const packed = new Set(paths);
  const leftOut: LeftOut[] = [];
  const files: BundleFile[] = [];
  for (const path of paths) {
    const found = await resolveOne(root, path, packed);
    if ('why' in found) leftOut.push({ path, why: found.why });
    else files.push(...found.files);
  }
  return { files: files.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut };
}

type Resolved = { readonly files: BundleFile[] } | { readonly why: string };

async function resolveOne(root: string, path: string, packed: ReadonlySet<string>): Promise<Resolved> {
  const file = join(root, path);
  const found = await lstat(file).catch(() => undefined);
  // Tracked and deleted, or outside of a sparse checkout; a submodule that is not checked out is an empty folder.
  if (!found || found.isDirectory()) return { files: [] };
  if (found.isFile()) return { files: [await describeFile(path, file)] };
  if (!found.isSymbolicLink()) return { why: 'is no regular file' };
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return { why: 'is a link that leads nowhere' };
  const way = pathInside(root, real);
  if (way === undefined) return { why: 'is a link that leads out of the folder' };
  return copyOf(root, path, toPosix(way), packed);
}

/** A link to a file is that file; a link to a folder is all that is packed of it. */
async function copyOf(
  root: string,
  path: string,
  target: string,
  packed: ReadonlySet<string>,
): Promise<Resolved> {
  if (packed.has(target)) return { files: [await describeFile(path, join(root, target))] };
  const isAround = target === '' || path.startsWith(`${target}/`);
  const inside = isAround ? [] : [...packed].filter((one) => one.startsWith(`${target}/`));
  if (inside.length === 0)
    return { why: isAround ? 'is a link to a folder around it' : 'is a link to what is not packed' };
  const copies = inside.map(async (one): Promise<BundleFile[]> => {
    const file = join(root, one);
    // Links in a linked folder would lead on without an end.
    if (!(await lstat(file).catch(() => undefined))?.isFile()) return [];
    return [await describeFile(`${path}${one.slice(target.length)}`, file)];
  });
  return { files: (await Promise.all(copies)).flat() };
}

async function describeFile(path: string, file: string): Promise<BundleFile> {
  const { size, mode } = await stat(file);
  return { path, file, bytes: size, isExecutable: (mode & 0o100) !== 0 };
}
