import { type Dirent, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { kindOf } from './real-path.ts';

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
