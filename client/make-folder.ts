import { lstatSync, mkdirSync } from 'node:fs';
import { join, sep } from 'node:path';
import { pathInside } from './path-inside.ts';

/**
 * Makes a folder and those above it. Below `root`, where anyone's files may lie, no link is followed: whoever made it could
 * have us write anywhere. A folder elsewhere is the choice of who named it. Errors: the system's, or that a link or a file
 * is in the way.
 */
export function makeFolder(root: string, folder: string): void {
  const below = pathInside(root, folder);
  if (below === undefined) {
    mkdirSync(folder, { recursive: true });
    return;
  }
  let path = root;
  for (const part of below.split(sep).filter((one) => one !== '')) {
    path = join(path, part);
    makeOne(path);
  }
}

function makeOne(path: string): void {
  try {
    mkdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(path);
  if (found.isSymbolicLink()) throw new Error(`${path} is a link, which is not followed here`);
  if (!found.isDirectory()) throw new Error(`${path} is no folder`);
}
