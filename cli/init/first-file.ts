import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A file to begin with. */
export interface FirstFile {
  /** Relative to the folder. */
  readonly path: string;
  readonly text: string;
}

/** Writes a file unless it is there; false where it is. Errors: the system's. */
export function writeOnce(folder: string, { path, text }: FirstFile): boolean {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  try {
    writeFileSync(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
