import { type Dirent, readdirSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';

/**
 * Removes the links below a folder that lead out of it, or to nothing yet: a step that uploads the folder follows them, and a
 * checkout can bring one to what its code must not publish, such as `.git/config`. Answers their paths. Errors: those of the
 * disk.
 */
export function dropLinks(folder: string): string[] {
  const real = realpathSync(folder);
  return linksBelow(folder).filter((path) => {
    const leadsTo = targetOf(path);
    if (leadsTo !== undefined && pathInside(real, leadsTo) !== undefined) return false;
    rmSync(path);
    return true;
  });
}

function linksBelow(folder: string): string[] {
  const links: string[] = [];
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop())
    for (const entry of list(at)) {
      const path = join(at, entry.name);
      if (entry.isSymbolicLink()) links.push(path);
      else if (entry.isDirectory()) open.push(path);
    }
  return links;
}

/** What this user cannot list, the upload cannot read. */
function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}

function targetOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
