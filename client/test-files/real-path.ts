import { lstatSync, realpathSync, statSync } from 'node:fs';

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
