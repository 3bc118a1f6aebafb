import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';

/** `broken` says in words why what is there cannot be read. */
export type OpenedReport =
  | { readonly missing: true }
  | { readonly broken: string }
  | { readonly file: FileHandle };

/** Larger ones are no reports. Read part by part, so this is about time, not about memory. */
export const maxReportBytes = 2 * 1024 ** 3;

/**
 * Opens a report of a test, which may have left anything at that path: only a regular file is read, or a link to one
 * in the same folder. Never waits: a FIFO has no bytes to come. The caller closes the file.
 */
export async function openReport(path: string): Promise<OpenedReport> {
  try {
    const found = await lstat(path);
    const real = found.isSymbolicLink() ? await linkTarget(path) : path;
    if (real === undefined) return { broken: 'it is a link that leads out of its folder' };
    const kind = kindOf(await lstat(real));
    return kind === undefined ? await openFile(real) : { broken: `it is ${kind}, no file` };
  } catch (error) {
    return notReadable(error as NodeJS.ErrnoException, path);
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  const real = await realpath(path);
  return pathInside(await realpath(dirname(path)), real) ? real : undefined;
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function kindOf(stats: Kinds): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

// What was looked at may be another thing by now: no link is followed, nothing is waited for, and it is looked at again.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function openFile(path: string): Promise<OpenedReport> {
  const file = await open(path, flags);
  const stats = await file.stat();
  const kind = kindOf(stats);
  if (kind === undefined && stats.size <= maxReportBytes) return { file };
  await file.close();
  return {
    broken:
      kind === undefined
        ? `it has ${stats.size} bytes, ${maxReportBytes} are allowed`
        : `it is ${kind}, no file`,
  };
}

async function notReadable(error: NodeJS.ErrnoException, path: string): Promise<OpenedReport> {
  const isGone = error.code === 'ENOENT' && !(await lstat(path).then(Boolean, () => false));
  if (isGone) return { missing: true };
  if (error.code === 'ENOENT') return { broken: 'it is a link to nothing' };
  if (error.code === 'ELOOP') return { broken: 'it is a link that leads round in a circle' };
  return { broken: `it cannot be opened (${error.code ?? error.message})` };
}
