import { isAbsolute, relative, sep, win32 } from 'node:path';

/**
 * The file of a test as it may leave the host: relative to `root`. Undefined for an absolute path elsewhere, which
 * says nothing but how the host is laid out. What is relative already stays as it was written.
 */
export function fileInRoot(file: string, root: string | undefined): string | undefined {
  const path = file.replace(/^file:\/\//, '');
  // Knows the absolute paths of both worlds.
  if (!win32.isAbsolute(path)) return path || undefined;
  if (root === undefined) return undefined;
  const inside = relative(root, path);
  const isOutside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside);
  return inside === '' || isOutside || !isAbsolute(path) ? undefined : inside;
}
