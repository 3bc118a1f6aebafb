import { type Dirent, existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ignore from 'ignore';
import { QgjobError } from '../../protocol/errors.ts';
import { pathInside } from '../path-inside.ts';
import { type GitOptions, runGit } from '../run-git.ts';
import { type BundleFile, type LeftOut, resolveFiles, toPosix } from './resolve-files.ts';

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
const neverPacked = new Set(['.git', 'node_modules', 'qgjob-report', '.qgjob', 'admin.token']);
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
  if (top !== undefined) refuseWide(top, start, options.env.HOME);
  const root = top ?? start;
  const subdir = toPosix(pathInside(root, start) ?? '');
  const listed = top === undefined ? walk(root) : await listTracked(root, options);
  const isIgnored = readIgnoreFiles(root, subdir, top === undefined);
  const isData = dataFolders(root);
  const paths = [...new Set(listed)].filter((path) => !isNever(path) && !isData(path) && !isIgnored(path));
  return { root, subdir, ...(await resolveFiles(root, paths.sort())) };
}

async function findTopLevel(folder: string, options: GitOptions): Promise<string | undefined> {
  const answer = await runGit(folder, ['rev-parse', '--show-toplevel'], options);
  if ('stdout' in answer) return realpath(answer.stdout.replace(/\r?\n$/, ''));
  // A repository that git cannot read is not packed without its rules: they keep secrets out.
  if (!hasRepository(folder, options.ceiling)) return undefined;
  throw new QgjobError('invalid', `git cannot read the repository of ${folder}: ${answer.failure}`);
}

/** A repository of dot files around the home folder would give everything in it away. */
function refuseWide(top: string, folder: string, home: string | undefined): void {
  if (home === undefined || top === folder || pathInside(top, home) === undefined) return;
  throw new QgjobError(
    'invalid',
    `the repository around ${folder} is that of ${top}, with the home folder in it: it is not packed; make the folder a repository of its own`,
  );
}

const hasRepository = (folder: string, ceiling: string | undefined): boolean =>
  existsSync(join(folder, '.git')) ||
  (dirname(folder) !== folder && folder !== ceiling && hasRepository(dirname(folder), ceiling));

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
  const odd = paths.find((path) => path.includes('\ufffd'));
  if (odd !== undefined)
    throw new QgjobError(
      'invalid',
      `${odd} cannot be packed: its name is not UTF-8; name it in ${ignoreFile} or rename it`,
    );
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
  const known = new Map<string, boolean>();
  const isInside = (folder: string): boolean => {
    const seen = known.get(folder);
    if (seen !== undefined) return seen;
    const is =
      (folder !== '.' && isInside(dirname(folder))) ||
      dataFolderMarks.some((name) => existsSync(join(root, folder, name)));
    known.set(folder, is);
    return is;
  };
  return (path) => isInside(dirname(path));
}

/** Without git its own file at the root is honoured too: it names what nobody means to share. */
function readIgnoreFiles(root: string, subdir: string, isWithoutGit: boolean): (path: string) => boolean {
  const folders = subdir === '' ? [''] : ['', `${subdir}/`];
  const names = [
    ...folders.map((prefix) => [prefix, ignoreFile]),
    ...(isWithoutGit ? [['', '.gitignore']] : []),
  ];
  const rules = names.flatMap(([prefix = '', name = '']) => {
    const file = join(root, prefix, name);
    return existsSync(file)
      ? [{ prefix, rule: ignore({ ignorecase: false }).add(readFileSync(file, 'utf8')) }]
      : [];
  });
  return (path) =>
    rules.some(({ prefix, rule }) => path.startsWith(prefix) && rule.ignores(path.slice(prefix.length)));
}
