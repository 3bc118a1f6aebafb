import { isAbsolute, relative, sep } from 'node:path';

/**
 * The way from a folder to a path inside it; '' for the folder itself, undefined for a path outside. Both are absolute.
 * Only the texts are compared: where links count, both must be real paths.
 */
export function pathInside(folder: string, path: string): string | undefined {
  const way = relative(folder, path);
  return leadsOut(way) ? undefined : way;
}

/** True for a normalised relative path that leads out of its folder. On Windows the way to another disk is absolute. */
export const leadsOut = (way: string): boolean =>
  way === '..' || way.startsWith('../') || way.startsWith(`..${sep}`) || isAbsolute(way);
