import { join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { globSync } from 'tinyglobby';
import { readFolders } from './disk.ts';
import { asInclude, type Pattern, readPattern } from './read-pattern.ts';

/** True for a path, relative to the folder, that is excluded with all below it. */
export type IsLeftOut = (path: string) => boolean;

/**
 * The files that a glob matches, relative to the folder, sorted. A link to a file counts as a file; a link to a folder
 * is not walked. `node_modules` is left out, unless the pattern names it.
 */
export function listFiles(directory: string, { place, rest }: Pattern, isLeftOut: IsLeftOut): string[] {
  const withPackages = `${place}/${rest}`.includes('node_modules');
  const isSkipped = (path: string): boolean =>
    isLeftOut(path) || (!withPackages && path.split('/').includes('node_modules'));
  const found = globSync(spellings(rest).map(asInclude), {
    cwd: join(directory, place),
    expandDirectories: false,
    followSymbolicLinks: false,
    fs: readFolders((folder) => isSkipped(relative(directory, folder).replaceAll(sep, '/'))),
  });
  const files = found.map((path) => (place === '' ? path : `${place}/${path}`));
  return files.filter((path) => !isSkipped(path)).sort();
}

/** A disk may store é as one character or as two, and either may have been typed. */
const spellings = (text: string): string[] => [
  ...new Set([text, text.normalize('NFC'), text.normalize('NFD')]),
];

/** Excludes the files that these relative patterns match, and everything below a folder that they match. */
export function readExcludes(directory: string, patterns: readonly string[]): IsLeftOut {
  const tests = patterns.map((pattern) => takesOut(readPattern(directory, pattern)));
  return (path) => tests.some((test) => test(path));
}

function takesOut({ place, rest }: Pattern): IsLeftOut {
  if (rest === '') return (path) => place === '' || path === place || path.startsWith(`${place}/`);
  const start = place === '' ? '' : `${place}/`;
  // A second `!` is part of a name.
  const matches = picomatch([rest, `${rest}/**`].flatMap(spellings), { dot: true, nonegate: true });
  return (path) => path.startsWith(start) && matches(path.slice(start.length));
}
