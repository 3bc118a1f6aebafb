import { join, relative, sep } from 'node:path';
import picomatch from 'picomatch';
import { globSync } from 'tinyglobby';
import { readFolders } from './disk.ts';
import { asInclude, type Pattern, readPattern } from './read-pattern.ts';

/** True for a path, relative to the folder, that is to be left out with all below it. */
export type IsLeftOut = (path: string) => boolean;

/**
 * The files that a glob matches, relative to the folder, sorted. A link to a file counts as a file, a link to a folder
 * is not walked. What packages brought is left out, unless the pattern names `node_modules`.
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

/** A disk may keep é as one character or as two, whichever was typed here. */
const spellings = (text: string): string[] => [
  ...new Set([text, text.normalize('NFC'), text.normalize('NFD')]),
];

/** What these relative patterns take out: the files that match, and everything below a folder that matches. */
export function readExcludes(directory: string, patterns: readonly string[]): IsLeftOut {
  const tests = patterns.map((pattern) => takesOut(readPattern(directory, pattern)));
  return (path) => tests.some((test) => test(path));
}

function takesOut({ place, rest }: Pattern): IsLeftOut {
  if (rest === '') return (path) => place === '' || path === place || path.startsWith(`${place}/`);
  const start = place === '' ? '' : `${place}/`;
  // A second `!` is a character of a name.
  const matches = picomatch([rest, `${rest}/**`].flatMap(spellings), { dot: true, nonegate: true });
  return (path) => path.startsWith(start) && matches(path.slice(start.length));
}
