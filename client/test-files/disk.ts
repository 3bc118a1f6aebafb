import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The path after every link is followed; undefined where it leads nowhere. */
export function realPath(path: string): string | undefined {
  try {
    // `native` also returns the name as a disk without upper and lower case stores it.
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** What is at a path. `broken`: a link that leads nowhere. */
export type Kind = 'file' | 'folder' | 'other' | 'broken' | 'missing';

export function kindOf(path: string): Kind {
  try {
    const found = statSync(path);
    if (found.isFile()) return 'file';
    return found.isDirectory() ? 'folder' : 'other';
  } catch {
    return isLink(path) ? 'broken' : 'missing';
  }
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink();
  } catch {
    return false;
  }
}

/**
 * The file system for the glob library, which can only follow all links or none: here a link to a file is a file, a
 * broken link too, so that it can be reported, and a link to a folder is not walked. `isSkipped` gets the absolute path
 * of each folder.
 */
export const readFolders = (isSkipped: (folder: string) => boolean) => ({
  readdirSync: ((folder: string) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() && isSkipped(join(folder, entry.name)) ? [] : [seen(folder, entry)],
    )) as unknown as typeof readdirSync,
});

function seen(folder: string, entry: Dirent): Dirent {
  if (!entry.isSymbolicLink() || kindOf(join(folder, entry.name)) === 'folder') return entry;
  return Object.assign(Object.create(entry), { isFile: () => true, isSymbolicLink: () => false }) as Dirent;
}
