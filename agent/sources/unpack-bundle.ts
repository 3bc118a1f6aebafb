import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, Transform, type TransformCallback } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { limits } from '../../protocol/limits.ts';
import { FolderCount, isTooDeep, tooDeep } from './folder-count.ts';

/** Why a bundle is not unpacked; its text is for the person who sent it. */
export class BadBundle extends Error {
  override readonly name = 'BadBundle';
}

/** A file of a tar has a head of 512 bytes, is filled up to 512, and may have two more heads for a long name. */
const mostTarBytes = limits.bundleUnpackedBytes + limits.bundleFiles * 4096;

/** Lets so many bytes through: what comes after the last file is read too, however much that is. */
function limited(most: number) {
  let bytes = 0;
  return (chunk: Buffer, _encoding: string, done: TransformCallback): void => {
    bytes += chunk.length;
    if (bytes <= most) done(null, chunk);
    else done(new BadBundle(`it unpacks to more than ${most} bytes`));
  };
}

/**
 * Unpacks a bundle into a folder that is new and empty. Only regular files inside of it are made: whoever packed the
 * bundle may be anybody, so every link, device and path that leads out is refused, and so is more than a bundle may hold.
 * Errors: BadBundle; those of the disk; the reason of the signal.
 */
export async function unpackBundle(
  archive: string,
  folder: string,
  signal?: AbortSignal,
  mostFolders: number = limits.bundleFiles,
): Promise<void> {
  const tar = new Transform({ transform: limited(mostTarBytes) });
  const reading = pipeline(createReadStream(archive), createGunzip(), tar, { signal });
  reading.catch(() => undefined);
  const entries = Readable.toWeb(tar).pipeThrough(createTarDecoder({ strict: true }) as never);
  const budget = {
    ...{ files: limits.bundleFiles, bytes: limits.bundleUnpackedBytes },
    folders: new FolderCount(mostFolders),
  };
  try {
    for await (const entry of entries as unknown as AsyncIterable<ParsedTarEntry>)
      await unpackEntry(entry, folder, budget);
    await reading;
  } catch (error) {
    signal?.throwIfAborted();
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (error instanceof BadBundle || ofDisk.includes(code)) throw error;
    throw new BadBundle(code === 'EEXIST' ? 'it has one file twice' : `it cannot be read: ${message}`);
  }
}

/** Errors of this host; all others are the bundle's: a name that is too long, a path through a file. */
const ofDisk = ['ENOSPC', 'EDQUOT', 'EIO', 'EMFILE', 'ENFILE', 'EACCES', 'EPERM', 'EROFS', 'ENOENT'];

interface Budget {
  files: number;
  bytes: number;
  readonly folders: FolderCount;
}

async function unpackEntry({ header, body }: ParsedTarEntry, folder: string, budget: Budget): Promise<void> {
  const { name, size, mode = 0, type } = header;
  const why = whyRefused(name, type);
  if (why !== undefined) throw new BadBundle(`${JSON.stringify(name.slice(0, 200))} ${why}`);
  budget.files -= 1;
  budget.bytes -= size;
  if (budget.files < 0) throw new BadBundle(`it has more than ${limits.bundleFiles} files`);
  if (budget.bytes < 0) throw new BadBundle(`it unpacks to more than ${limits.bundleUnpackedBytes} bytes`);
  if (!budget.folders.takes(name)) throw new BadBundle(`it has more than ${budget.folders.most} folders`);
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, body as never, { flag: 'wx', mode: mode & 0o100 ? 0o755 : 0o644 });
}

function whyRefused(name: string, type: string | undefined): string | undefined {
  if (type !== 'file') return `is a ${type ?? 'thing'}, and only regular files are unpacked`;
  const parts = name.split('/');
  if (isTooDeep(name)) return tooDeep;
  const leadsOut = name.startsWith('/') || /^[A-Za-z]:/.test(name) || parts.includes('..');
  if (leadsOut || parts.some((part) => part === '' || part === '.')) return 'is no path inside of the bundle';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000\\]/.test(name)) return 'has a character that no path of a bundle has';
  // Some file systems know no upper and lower case, and drop a dot or a blank at the end.
  const plain = parts.map((part) => part.toLowerCase().replace(/[. ]+$/, ''));
  if (plain.includes('.git')) return 'is a part of a repository';
  return plain.includes('node_modules') ? 'is a part of packages' : undefined;
}
