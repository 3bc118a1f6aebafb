import { lstat, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { QgjobError } from '../../protocol/errors.ts';
import { pathInside } from '../path-inside.ts';

/** A regular file of a bundle. */
export interface BundleFile {
  /** Relative to the bundle's root, with `/`. */
  readonly path: string;
  /** Where its bytes are: for a link what it leads to. */
  readonly file: string;
  readonly bytes: number;
  readonly isExecutable: boolean;
}

/** What would be in a bundle and cannot be. */
export interface LeftOut {
  readonly path: string;
  readonly why: string;
}

/** With `/` between folders. */
export const toPosix = (path: string): string => (sep === '/' ? path : path.split(sep).join('/'));

/**
 * The files that are packed for paths of a source, sorted; what cannot be packed is named. A link counts as what it leads
 * to. `root` is a real path; `programs` are paths that can be executed, where the disk does not say it. Errors: `invalid` for
 * what cannot be read.
 */
export async function resolveFiles(
  root: string,
  paths: readonly string[],
  programs?: ReadonlySet<string>,
): Promise<{ readonly files: readonly BundleFile[]; readonly leftOut: readonly LeftOut[] }> {
  const packed = new Set(paths);
  const leftOut: LeftOut[] = [];
  const files: BundleFile[] = [];
  for (const path of paths) {
    const found = await resolveOne(root, path, packed);
    if ('why' in found) leftOut.push({ path, why: found.why });
    else files.push(...found.files);
  }
  const told = files.map((file) => (programs ? { ...file, isExecutable: programs.has(file.path) } : file));
  return { files: told.sort((a, b) => (a.path < b.path ? -1 : 1)), leftOut };
}

function goneOnly(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw new QgjobError('invalid', `the source cannot be read: ${error.message}`, { cause: error });
}

type Resolved = { readonly files: BundleFile[] } | { readonly why: string };

async function resolveOne(root: string, path: string, packed: ReadonlySet<string>): Promise<Resolved> {
  const file = join(root, path);
  const found = await lstat(file).catch(goneOnly);
  // Tracked and deleted, or outside of a sparse checkout; a submodule that is not checked out is an empty folder.
  if (!found || found.isDirectory()) return { files: [] };
  // A folder that was replaced by a link still has its files in git's list; the link itself is in it too.
  if (found.isFile())
    return { files: (await realpath(file)) === file ? [await describeFile(path, file)] : [] };
  if (!found.isSymbolicLink()) return { why: 'is no regular file' };
  const real = await realpath(file).catch(() => undefined);
  if (real === undefined) return { why: 'is a link that leads nowhere' };
  const way = pathInside(root, real);
  if (way === undefined) return { why: 'is a link that leads out of the folder' };
  return copyOf(root, path, toPosix(way), packed);
}

/** A link to a file is that file; a link to a folder is all that is packed of it. */
async function copyOf(
  root: string,
  path: string,
  target: string,
  packed: ReadonlySet<string>,
): Promise<Resolved> {
  if (packed.has(target)) return { files: [await describeFile(path, join(root, target))] };
  const isAround = target === '' || path.startsWith(`${target}/`);
  const inside = isAround ? [] : [...packed].filter((one) => one.startsWith(`${target}/`));
  if (inside.length === 0)
    return { why: isAround ? 'is a link to a folder around it' : 'is a link to what is not packed' };
  const files: BundleFile[] = [];
  for (const one of inside) {
    const file = join(root, one);
    const found = await lstat(file).catch(goneOnly);
    // Links in a linked folder could lead on without an end.
    if (found?.isSymbolicLink()) return { why: `is a link to a folder with a link in it (${one})` };
    if (found?.isFile()) files.push(await describeFile(`${path}${one.slice(target.length)}`, file));
  }
  return { files };
}

async function describeFile(path: string, file: string): Promise<BundleFile> {
  const { size, mode } = await stat(file);
  return { path, file, bytes: size, isExecutable: (mode & 0o100) !== 0 };
}
