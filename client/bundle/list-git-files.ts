import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { type GitOptions, runGit } from '../run-git.ts';

/** Paths from the root of a repository, those of its submodules among them. */
export interface GitFiles {
  readonly tracked: readonly string[];
  /** Those of them that git knows as programs. */
  readonly executable: readonly string[];
  /** Not ignored either. */
  readonly untracked: readonly string[];
  /** Submodules without their files. */
  readonly notCheckedOut: readonly string[];
}

/** What git knows of a repository. Each submodule is listed by a git of its own. Errors: `invalid` where git fails. */
export async function listGitFiles(root: string, options: GitOptions): Promise<GitFiles> {
  const [index, others] = await Promise.all([
    listPaths(root, ['--stage'], options),
    listPaths(root, ['--others', '--exclude-standard'], options),
  ]);
  const entries = index.map((line) => ({
    isSubmodule: line.startsWith('160000 '),
    isExecutable: line.startsWith('100755 '),
    path: line.slice(line.indexOf('\t') + 1),
  }));
  const own = {
    tracked: entries.filter(({ isSubmodule }) => !isSubmodule).map(({ path }) => path),
    executable: entries.filter(({ isExecutable }) => isExecutable).map(({ path }) => path),
    untracked: others.filter((path) => !path.endsWith('/')),
    notCheckedOut: [],
  };
  const submodules = entries.filter(({ isSubmodule }) => isSubmodule).map(({ path }) => path);
  // Git lists a repository that is no submodule as a folder.
  const repositories = others.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1));
  const inner = await Promise.all(
    [...submodules, ...repositories].map((path) => listRepository(root, path, options)),
  );
  return merge([own, ...inner]);
}

async function listRepository(root: string, path: string, options: GitOptions): Promise<GitFiles> {
  const folder = join(root, path);
  if (!isCheckedOut(folder)) return { ...merge([]), notCheckedOut: [path] };
  const files = await listGitFiles(folder, options);
  const below = (inner: string): string => `${path}/${inner}`;
  return {
    tracked: files.tracked.map(below),
    executable: files.executable.map(below),
    untracked: files.untracked.map(below),
    notCheckedOut: files.notCheckedOut.map(below),
  };
}

/** A link to another repository is none. */
const isCheckedOut = (folder: string): boolean =>
  lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true && existsSync(join(folder, '.git'));

const merge = (all: readonly GitFiles[]): GitFiles => ({
  tracked: all.flatMap(({ tracked }) => tracked),
  executable: all.flatMap(({ executable }) => executable),
  untracked: all.flatMap(({ untracked }) => untracked),
  notCheckedOut: all.flatMap(({ notCheckedOut }) => notCheckedOut),
});

/** The answer of `git ls-files`. Errors: `invalid` where git fails. */
export async function listPaths(
  root: string,
  words: readonly string[],
  options: GitOptions,
): Promise<string[]> {
  const answer = await runGit(root, ['ls-files', '-z', ...words], options);
  if ('failure' in answer)
    throw new QgjobError('invalid', `git cannot list the files of ${root}: ${answer.failure}`);
  return answer.stdout.split('\0').filter((path) => path !== '');
}
