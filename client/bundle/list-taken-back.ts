import { join } from 'node:path';
import type { GitOptions } from '../run-git.ts';
import { listPaths } from './list-git-files.ts';
import type { IgnoreRules } from './read-ignore-files.ts';
import { walkFolder } from './walk-folder.ts';

/**
 * Files that git ignores and a rule with `!` in `.qgjobignore` takes back, as `!/dist/` does for what was built before
 * the submit; paths from the root. Git is not asked to look into folders that it ignores, so the rule has to name the
 * folder itself. Errors: `invalid` where git fails.
 */
export async function listTakenBack(
  root: string,
  rules: IgnoreRules,
  isNever: (path: string) => boolean,
  options: GitOptions,
): Promise<string[]> {
  const ignored = await listPaths(
    root,
    ['--others', '--ignored', '--exclude-standard', '--directory'],
    options,
  );
  return ignored
    .filter((path) => rules(path) === 'kept' && !isNever(path))
    .flatMap((path) => (path.endsWith('/') ? filesBelow(root, path, rules, isNever) : [path]));
}

function filesBelow(
  root: string,
  path: string,
  rules: IgnoreRules,
  isNever: (path: string) => boolean,
): string[] {
  const isSkipped = (folder: string, name: string): boolean =>
    isNever(name) || rules(`${path}${folder}/`) === 'ignored';
  return walkFolder(join(root, path), isSkipped).map((inner) => `${path}${inner}`);
}
