import { join, relative, sep } from 'node:path';
import { globSync } from 'tinyglobby';
import { readFolders } from './read-folder.ts';
import { asInclude, type Pattern } from './read-pattern.ts';

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
export const spellings = (text: string): string[] => [
  ...new Set([text, text.normalize('NFC'), text.normalize('NFD')]),
];
