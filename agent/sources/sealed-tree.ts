import { createHash } from 'node:crypto';
import { constants, type Dirent } from 'node:fs';
import { copyFile, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What a tree was at one time. */
export interface Seal {
  /** Another one as soon as anything in the tree was written, changed, added or removed, or it is another copy. */
  readonly digest: string;
  /** Of all files. */
  readonly bytes: number;
}

export interface TreeEntry {
  /** Relative to the top. */
  readonly path: string;
  readonly entry: Dirent;
}

/** All that is in a tree, a folder before what is in it. Links are not followed: Node's own list does that. */
export async function listTree(top: string, path = ''): Promise<TreeEntry[]> {
  const found: TreeEntry[] = [];
  for (const entry of await readdir(join(top, path), { withFileTypes: true })) {
    const own = join(path, entry.name);
    found.push({ path: own, entry });
    if (entry.isDirectory()) found.push(...(await listTree(top, own)));
  }
  return found;
}

/** Few, since all that the agent does with files waits in the same line. */
const atOnce = 8;

/** Clones where the file system can. A file is never written twice. */
const copyMode = constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL;

/**
 * Seals a tree, and copies it to `copy.to`, a folder that may be there already. A file is looked at after it was copied, so
 * the seal is that of what was copied. A file's change time is part of it: no user can set that, whatever is done to the
 * file, so its bytes need not be read. Links are copied as they are. Errors: those of the disk, one for anything but files,
 * folders and links or with special rights, and the reason of the signal.
 */
export async function sealTree(
  top: string,
  { copyTo, signal }: { copyTo?: string; signal?: AbortSignal | undefined } = {},
): Promise<Seal> {
  const paths = await listTree(top);
  if (copyTo !== undefined) await mkdir(copyTo, { recursive: true });
  const lines: string[] = [];
  let bytes = 0;
  const seal = async ({ entry, path }: TreeEntry): Promise<void> => {
    signal?.throwIfAborted();
    const from = join(top, path);
    if (copyTo !== undefined) await copyOne(entry, from, join(copyTo, path));
    const { line, size } = await lineOf(from);
    lines.push(`${JSON.stringify(path)} ${line}`);
    bytes += size;
  };
  // A folder comes before what is in it.
  for (const each of paths) if (each.entry.isDirectory()) await seal(each);
  const rest = paths.filter(({ entry }) => !entry.isDirectory()).values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const each of rest) await seal(each);
    }),
  );
  return { digest: createHash('sha256').update(lines.sort().join('\n')).digest('hex'), bytes };
}

async function copyOne(entry: Dirent, from: string, to: string): Promise<void> {
  if (entry.isDirectory()) await mkdir(to, { recursive: true });
  else if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
  else if (entry.isFile()) await copyFile(from, to, copyMode);
}

async function lineOf(path: string): Promise<{ line: string; size: number }> {
  const found = await lstat(path, { bigint: true });
  const mode = Number(found.mode);
  // Its change time says when something came or went in it, which the list of entries says too.
  if (found.isDirectory()) return { line: `folder ${mode}`, size: 0 };
  if (found.isSymbolicLink()) return { line: `link ${await readlink(path)}`, size: 0 };
  if (!found.isFile() || (mode & 0o6000) !== 0)
    throw new Error(`${path} is no plain file, folder or link: such packages are not kept`);
  return { line: `file ${mode} ${found.size} ${found.ctimeNs}`, size: Number(found.size) };
}
