import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { pathInside } from '../path-inside.ts';
import { type GitOptions, runGit } from '../run-git.ts';
import { mayHoldSecret } from './find-secrets.ts';
import { type GitFiles, listGitFiles } from './list-git-files.ts';
import { listTakenBack } from './list-taken-back.ts';
import { type IgnoreRules, ignoreFile, readIgnoreFiles } from './read-ignore-files.ts';
import { type BundleFile, type LeftOut, resolveFiles, toPosix } from './resolve-files.ts';
import { walkFolder } from './walk-folder.ts';

export interface BundleList {
  /** Absolute: git's top level, or the folder itself where there is no git. */
  readonly root: string;
  /** From the root to the folder, with `/`; '' for the root itself. Test paths are relative to it. */
  readonly subdir: string;
  /** Sorted by path. */
  readonly files: readonly BundleFile[];
  readonly leftOut: readonly LeftOut[];
  /** Files that may hold secrets, and that nobody chose to share. Sorted. */
  readonly heldBack: readonly string[];
}

/** Never packed, tracked or not, at any depth. */
const neverPacked = new Set(['.git', 'node_modules', 'qgjob-report', 'qgjob-repro', '.qgjob', 'admin.token']);
/** Files by which a data folder of qgjob shows, whatever its name: it holds tokens. */
const dataFolderMarks = ['admin.token', 'qgjob.db'];

/**
 * What of a folder goes into a bundle. In a repository of git: tracked files as they are on disk, and untracked ones that
 * git does not ignore, from the top level. Elsewhere: all but `node_modules` and folders whose name begins with a dot.
 * `.qgjobignore` (the syntax of .gitignore; at the root and in the folder) takes files out in both cases, and takes back
 * what git ignores by a rule with `!`. What looks like a secret is packed only where git tracks it, or such a rule names
 * the file itself. A link counts as what it
 * leads to, where that is packed too. `hasModes`: files here have modes; else git knows what is a program. Errors: `invalid` where git fails, `too_large`.
 */
export async function listBundle(
  folder: string,
  options: GitOptions,
  hasModes = process.platform !== 'win32',
): Promise<BundleList> {
  const start = await realpath(folder);
  const top = await findTopLevel(start, options);
  if (top !== undefined) refuseWide(top, start, homeOf(options.env));
  const root = top ?? start;
  const subdir = toPosix(pathInside(root, start) ?? '');
  const rules = readIgnoreFiles(root, subdir, top === undefined);
  const [{ tracked, executable, untracked, notCheckedOut }, takenBack] =
    top === undefined
      ? [walk(root, rules), []]
      : await Promise.all([listGitFiles(root, options), listTakenBack(root, rules, isNever, options)]);
  const isData = dataFolders(root);
  const isWanted = (path: string): boolean => !isNever(path) && !isData(path) && rules(path) !== 'ignored';
  const isHeldBack = (path: string): boolean => !isNamed(path, rules) && mayHoldSecret(root, path);
  const open = [...untracked, ...takenBack].filter(isWanted);
  const heldBack = open.filter(isHeldBack).sort();
  const held = new Set(heldBack);
  const paths = new Set([...tracked.filter(isWanted), ...open.filter((path) => !held.has(path))]);
  refuseOddNames(paths);
  const programs = hasModes ? undefined : new Set(executable);
  const { files, leftOut } = await resolveFiles(root, [...paths].sort(), programs);
  const missing = notCheckedOut.filter(isWanted).map((path) => ({ path, why: notThere }));
  return { root, subdir, files, leftOut: [...leftOut, ...missing], heldBack };
}

/** A rule with `!` takes back this file, not only the folder around it. */
const isNamed = (path: string, rules: IgnoreRules): boolean =>
  rules(path) === 'kept' && (!path.includes('/') || rules(`${dirname(path)}/`) !== 'kept');

const notThere = 'is a submodule that is not checked out';

async function findTopLevel(folder: string, options: GitOptions): Promise<string | undefined> {
  const answer = await runGit(folder, ['rev-parse', '--show-toplevel'], options);
  if ('stdout' in answer) return realpath(answer.stdout.replace(/\r?\n$/, ''));
  // A repository that git cannot read is not packed without its rules: they keep secrets out.
  if (!hasRepository(folder, options.ceiling)) return undefined;
  throw new QgjobError('invalid', `git cannot read the repository of ${folder}: ${answer.failure}`);
}

/** Windows has a name of its own for it. */
const homeOf = ({ HOME, USERPROFILE }: GitOptions['env']): string | undefined => HOME ?? USERPROFILE;

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

const walk = (root: string, rules: IgnoreRules): GitFiles => ({
  tracked: [],
  executable: [],
  untracked: walkFolder(
    root,
    (path, name) => name.startsWith('.') || neverPacked.has(name) || rules(`${path}/`) === 'ignored',
  ),
  notCheckedOut: [],
});

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

function refuseOddNames(paths: ReadonlySet<string>): void {
  const odd = [...paths].find((path) => path.includes('\ufffd'));
  if (odd !== undefined)
    throw new QgjobError(
      'invalid',
      `${odd} cannot be packed: its name is not UTF-8; name it in ${ignoreFile} or rename it`,
    );
}
