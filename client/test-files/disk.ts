import { type Dirent, lstatSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Where a path leads when every link on the way is followed; undefined where that is nowhere. */
export function realPath(path: string): string | undefined {
  try {
    // The system's own way also tells how a disk that knows no upper and lower case writes the name.
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** What a path leads to. `broken`: a link that leads nowhere. */
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
 * How the glob library reads folders here: it knows links only as all or nothing, and here one to a file counts as a
 * file (and one to nowhere too, so that it can be told), while one to a folder is not walked. `isSkipped` is asked for
 * each folder, by its absolute path.
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
