import nodePath from 'node:path';

/**
 * The way from a folder to a path inside it; '' for the folder itself, undefined for a path outside. Both are absolute.
 * Only the texts are compared: where links count, both must be real paths. `system`: whose paths they are.
 */
export function pathInside(
  folder: string,
  path: string,
  system: typeof nodePath = nodePath,
): string | undefined {
  const way = system.relative(folder, path);
  return leadsOut(way, system) ? undefined : way;
}

/** True for a normalised relative path that leads out of its folder. On Windows the way to another disk is absolute. */
export const leadsOut = (way: string, system: typeof nodePath = nodePath): boolean =>
  way === '..' || way.startsWith('../') || way.startsWith(`..${system.sep}`) || system.isAbsolute(way);
