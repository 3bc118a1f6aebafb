import { existsSync, statSync } from 'node:fs';
import { isAbsolute, join, normalize, relative, sep } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { QgjobError } from '../../protocol/errors.ts';
import { splitCommas } from '../options.ts';

export interface ExpandedTests {
  /** Relative to the folder, with / between folders, sorted, each once. */
  readonly tests: readonly string[];
  /** Plain paths among them that are not on this disk. */
  readonly missing: readonly string[];
}

/**
 * Paths and globs as they were given, by comma or repeated, as test paths. Errors: `invalid` for a glob that matches
 * nothing, a folder, or a path outside.
 */
export async function expandTests(given: readonly string[], cwd: string): Promise<ExpandedTests> {
  const found = new Set<string>();
  const missing = new Set<string>();
  for (const pattern of given.flatMap((text) => split(text, cwd))) {
    const path = toRelative(pattern, cwd);
    const isThere = existsSync(join(cwd, path));
    if (isThere || !isDynamicPattern(path)) {
      if (isThere && statSync(join(cwd, path)).isDirectory()) throw folder(pattern, path);
      if (!isThere) missing.add(path);
      found.add(path);
    } else for (const match of await matches(path, pattern, cwd)) found.add(match);
  }
  return { tests: [...found].sort(), missing: [...missing].sort() };
}

/** A file whose name holds a comma is that file. */
const split = (text: string, cwd: string): string[] =>
  existsSync(join(cwd, text)) && text !== '' ? [text] : splitCommas(text);

function toRelative(pattern: string, cwd: string): string {
  const path = isAbsolute(pattern) ? relative(cwd, pattern) : normalize(pattern);
  if (path === '..' || path.startsWith(`..${sep}`) || isAbsolute(path)) {
    throw new QgjobError(
      'invalid',
      `--test ${pattern}: is outside of this folder, ${cwd}; run this where the tests are`,
    );
  }
  return sep === '/' ? path : path.replaceAll(sep, '/');
}

/** Files only, links not followed, what packages brought left out. */
async function matches(path: string, pattern: string, cwd: string): Promise<string[]> {
  const ignore = path.includes('node_modules') ? [] : ['**/node_modules/**'];
  const found = await glob(path, { cwd, ignore, followSymbolicLinks: false, expandDirectories: false });
  if (found.length > 0) return found;
  throw new QgjobError(
    'invalid',
    `--test ${pattern}: matches no file in ${cwd}; put a glob in quotes and check the folder`,
  );
}

const folder = (pattern: string, path: string): QgjobError =>
  new QgjobError(
    'invalid',
    `--test ${pattern}: is a folder; name its tests, like '${join(path, '**/*.spec.ts')}'`,
  );
