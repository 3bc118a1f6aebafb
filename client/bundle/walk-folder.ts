import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

/**
 * The paths of all files below a folder, except in the folders that `isSkipped` names. Errors: `invalid` for a folder that
 * cannot be read; `too_large` for more files than a bundle holds.
 */
export function walkFolder(root: string, isSkipped: (folder: string, name: string) => boolean): string[] {
  const files: string[] = [];
  const walk = (prefix: string): void => {
    for (const entry of readFolder(join(root, prefix))) {
      const path = `${prefix}${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (!isSkipped(path, entry.name)) walk(`${path}/`);
    }
    if (files.length > limits.bundleFiles) throw tooMany(root);
  };
  walk('');
  return files;
}

function readFolder(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new QgjobError('invalid', `the source cannot be read: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

const tooMany = (root: string): QgjobError =>
  new QgjobError(
    'too_large',
    `${root} has more than ${limits.bundleFiles} files, and as it is no repository of git all of them would be packed: submit from the folder of the tests, or name what they do not need in .qgjobignore`,
  );
