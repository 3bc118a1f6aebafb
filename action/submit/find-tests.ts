import { statSync } from 'node:fs';
import { join } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { badInput } from '../inputs/parse.ts';

export interface FindTests {
  /** Absolute. */
  readonly directory: string;
  /** Paths and globs; a line with `!` excludes, wherever it stands. */
  readonly patterns: readonly string[];
  /** A path that is not here may be in the agent's workspace: only without a checkout to tell. */
  readonly trustPaths: boolean;
}

/**
 * The test files that the lines name, without repeats, in the order of the lines. Errors: `invalid` for a line that
 * matches nothing, since a run that silently lost its tests would be green.
 */
export async function findTests({ directory, patterns, trustPaths }: FindTests): Promise<string[]> {
  for (const pattern of patterns) refuseOutside(pattern.replace(/^!/, ''));
  const ignore = patterns.filter((line) => line.startsWith('!')).flatMap(excluded);
  const found = new Set<string>();
  for (const pattern of patterns.filter((line) => !line.startsWith('!'))) {
    const files = await match(directory, pattern, ignore);
    if (files.length > 0) for (const file of files) found.add(file);
    else if (trustPaths && !isDynamicPattern(pattern)) found.add(pattern);
    else throw nothing(pattern, directory, ignore);
  }
  return [...found];
}

/** What a `!` line takes out: files that match, and everything in a folder that matches. */
function excluded(line: string): string[] {
  const pattern = line.slice(1).trim().replace(/\/+$/, '');
  return [pattern, `${pattern}/**`];
}

async function match(directory: string, pattern: string, ignore: readonly string[]): Promise<string[]> {
  // A file's name may look like a glob: `app/[id].spec.ts`.
  if (isDynamicPattern(pattern) && isFile(join(directory, pattern))) return [pattern];
  const packages = pattern.includes('node_modules') ? [] : ['**/node_modules/**'];
  const files = await glob([pattern], {
    cwd: directory,
    ignore: [...ignore, ...packages],
    followSymbolicLinks: false,
    expandDirectories: false,
  });
  return files.sort();
}

const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

function refuseOutside(pattern: string): void {
  if (!pattern.startsWith('/') && !pattern.split('/').includes('..')) return;
  throw badInput('tests', `"${pattern}" must be relative to working-directory and stay inside it`);
}

function nothing(pattern: string, directory: string, ignore: readonly string[]): Error {
  const left = ignore.length > 0 ? ', or the ! lines leave none' : '';
  return badInput('tests', `no file matches "${pattern}" in ${directory}${left}; nothing was submitted`);
}
