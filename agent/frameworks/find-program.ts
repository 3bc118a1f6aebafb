import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

/** The first program of this name on a PATH. */
export const programOn = (path = '', name = 'node'): string | undefined =>
  path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);

/** Of a suite whose packages are still to be installed: npx finds it then, and fetches nothing. An agent rejects such a suite. */
export const byNpx = (name: string): string[] => ['npx', '--no', name];

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of these names in `folder` or above it, up to `root`. Paths are absolute. */
export function findAbove(root: string, folder: string, names: readonly string[]): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    const found = names.map((name) => join(at, name)).find((path) => existsSync(path));
    if (found !== undefined || at === root || at === dirname(at)) return found;
  }
}
