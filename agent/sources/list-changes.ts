import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type GitOptions, runGit } from '../../client/run-git.ts';

/** Relative to the top of the repository. */
export type Changes = { readonly paths: readonly string[] } | { readonly failure: string };

/** The folder of the repository around a workspace; not by git, which obeys `core.worktree`. */
export function repositoryAround(workspace: string): string | undefined {
  for (let folder = workspace; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git'))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

/**
 * What differs from a commit, and what git does not know and no `.gitignore` names, in a whole working tree. Whoever tests in
 * it can also write into its `.git`: of that only the objects count, which are named by their content. Index, settings,
 * attributes and what to ignore are those of a new repository, so every file is read. `filters`: words of git that turn
 * filters off. `except`: pathspecs.
 */
export async function listChanges(
  { top, sha }: { readonly top: string; readonly sha: string },
  { filters, except }: { readonly filters: readonly string[]; readonly except: readonly string[] },
  options: GitOptions,
): Promise<Changes> {
  const objects = await runGit(
    top,
    ['rev-parse', '--path-format=absolute', '--git-path', 'objects'],
    options,
  );
  if ('failure' in objects) return objects;
  const folder = await mkdtemp(join(tmpdir(), 'qgjob-git-'));
  try {
    const format = sha.length === 64 ? 'sha256' : 'sha1';
    const words = ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, folder];
    const made = await runGit(folder, words, options);
    if ('failure' in made) return made;
    await writeFile(join(folder, 'objects/info/alternates'), objects.stdout);
    await writeFile(join(folder, 'HEAD'), `${sha}\n`);
    const git = (...more: readonly string[]) => runGit(top, ['--git-dir', folder, ...more], options);
    const read = await git('read-tree', sha);
    if ('failure' in read) return read;
    const settings = ['core.bare=false', 'core.trustctime=true', 'core.checkStat=default'];
    const status = await git(
      ...['--work-tree', top, ...settings.flatMap((setting) => ['-c', setting]), ...filters],
      ...['status', '--porcelain', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=none'],
      ...['--', ':/', ...except],
    );
    if ('failure' in status) return status;
    return { paths: status.stdout.split('\0').map((line) => line.slice(3)) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
