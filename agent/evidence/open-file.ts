import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { pathInside } from '../../client/path-inside.ts';
import { pieceFreer } from '../../host/free-pieces.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Masks } from '../logs/masks.ts';
import type { FoundFile } from './find-files.ts';
import { isPacked } from './is-packed.ts';

/** A file that is open, as it leaves this host. */
export interface OpenFile {
  /** On disk, in bytes, as it was opened; what leaves may be longer or shorter. */
  readonly size: number;
  /** Its bytes from the first one on, with secrets masked in all but what is packed. Each call reads it anew. */
  chunks(): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file of a folder. Errors: `invalid` for anything but a plain file that lies in the folder now; those of the
 * system. A test may go on changing its folder: a link that it puts in the place of a file or of a folder on the way
 * must not make the agent send other files of the host.
 */
export async function openFile(
  folder: string,
  file: FoundFile,
  masks: Pick<Masks, 'openStream'>,
): Promise<OpenFile> {
  const handle = await open(file.path, flags);
  try {
    const { size } = await checkPlace(handle, folder, file.path);
    const kind = await kindOf(handle);
    return {
      size,
      chunks: () =>
        kind === 'packed'
          ? read(handle, size)
          : redacted(handle, size, () => masks.openStream(kind === 'binary')),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** Compares the open file with what lies at its real path, since that path may have changed meanwhile. */
async function checkPlace(handle: FileHandle, folder: string, path: string) {
  const own = await handle.stat();
  if (!own.isFile()) throw new QgjobError('invalid', 'no plain file');
  const real = await realpath(path);
  const there = await lstat(real);
  const isInside = pathInside(await realpath(folder), real) !== undefined;
  if (isInside && there.ino === own.ino && there.dev === own.dev) return own;
  throw new QgjobError('invalid', 'it lies outside of the folder of its attempt');
}

const chunkBytes = 64 * 1024;
const sniffedBytes = 8 * 1024;

/** A text has no zero among its first bytes, as git decides it; or a mark of UTF-16, which is full of them. */
async function kindOf(handle: FileHandle): Promise<'text' | 'binary' | 'packed'> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(sniffedBytes), 0, sniffedBytes, 0);
  const start = buffer.subarray(0, bytesRead);
  if (isPacked(start)) return 'packed';
  return !start.includes(0) || ['fffe', 'feff'].includes(start.toString('hex', 0, 2)) ? 'text' : 'binary';
}

/** Up to `size`: a file that grows all the time has an end too. One that became shorter ends earlier. */
async function* read(handle: FileHandle, size: number): AsyncGenerator<Uint8Array> {
  const free = pieceFreer();
  for (let at = 0; at < size; ) {
    const length = Math.min(chunkBytes, size - at);
    const { bytesRead, buffer } = await handle.read(new Uint8Array(length), 0, length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
    free(bytesRead);
  }
}

async function* redacted(
  handle: FileHandle,
  size: number,
  open: () => ReturnType<Masks['openStream']>,
): AsyncGenerator<Uint8Array> {
  const redactor = open();
  for await (const chunk of read(handle, size)) {
    const safe = redactor.write(chunk);
    if (safe.length > 0) yield safe;
  }
  const rest = redactor.end();
  if (rest.length > 0) yield rest;
}
