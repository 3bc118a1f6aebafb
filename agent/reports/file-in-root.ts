import { isAbsolute, win32 } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';

/**
 * The file of a test as it may leave the host: relative to `root`. Undefined for an absolute path elsewhere, which
 * says nothing but how the host is laid out. What is relative already stays as it was written.
 */
export function fileInRoot(file: string, root: string | undefined): string | undefined {
  const path = file.replace(/^file:\/\//, '');
  // Knows the absolute paths of both worlds.
  if (!win32.isAbsolute(path)) return path || undefined;
  return root !== undefined && isAbsolute(path) ? pathInside(root, path) || undefined : undefined;
}
