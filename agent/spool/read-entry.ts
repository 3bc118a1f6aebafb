import { lstat, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { limits } from '../../protocol/limits.ts';
import { type Entry, EntryHead, entryName } from './entry.ts';

const maxBytes = limits.jsonBodyBytes + limits.logBytes;

/** Why a file is no spool file, in a few words. */
export interface Damaged {
  readonly damaged: string;
}

/** Reads a spool file, which may be anything. Undefined: it is gone, for another process has delivered it. */
export async function readEntry(path: string): Promise<Entry | Damaged | undefined> {
  try {
    const found = await lstat(path);
    if (!found.isFile()) return { damaged: 'not a file' };
    if (found.size > maxBytes) return { damaged: `${found.size} bytes` };
    return parseEntry(path, await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return { damaged: (error as Error).message };
  }
}

function parseEntry(path: string, bytes: Buffer): Entry | Damaged {
  const headEnd = bytes.indexOf('\n');
  if (headEnd === -1) return { damaged: 'it has no first line' };
  const head = EntryHead.safeParse(JSON.parse(bytes.toString('utf8', 0, headEnd)));
  if (!head.success) return { damaged: 'its first line is not that of a verdict' };
  const { server, verdict, log } = head.data;
  const rest = bytes.subarray(headEnd + 1);
  if (rest.length !== log.size) return { damaged: `${rest.length} bytes of log, not ${log.size}` };
  if (entryName(verdict) !== basename(path)) return { damaged: 'its name is that of another one' };
  return { path, server, verdict, log: { offset: log.offset, bytes: rest } };
}
