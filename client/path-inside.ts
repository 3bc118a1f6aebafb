import { isAbsolute, relative, sep } from 'node:path';

/**
 * The way from a folder to a path inside it; '' for the folder itself, undefined for a path outside. Both are absolute.
 * Only the texts are compared: where links count, both must be real paths.
 */
export function pathInside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  // On Windows the way to another disk is absolute.
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way) ? undefined : way;
}
