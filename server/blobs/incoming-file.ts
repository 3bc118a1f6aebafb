import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pieceFreer } from '../../host/free-pieces.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { diskError } from './disk-error.ts';
import { syncFolder } from './sync-folder.ts';

/** What is known of an upload before its bytes come. */
export interface Expected {
  readonly maxBytes: number;
  readonly size: number | undefined;
  /** Hex. */
  readonly sha256: string | undefined;
}

/** Bytes that are on disk but at no final place yet. */
export interface IncomingFile {
  readonly size: number;
  readonly sha256: string;
  readonly path: string;
  /** Moves them to their final place. */
  moveTo(path: string): Promise<void>;
  /** Deletes them, unless they were moved. */
  discard(): Promise<void>;
}

/**
 * Writes an upload to a new file in `folder`, as its bytes come; a failed upload leaves no file. Errors: `too_large`,
 * `invalid` (another digest), `unavailable` while the disk is full or has less than `keepFreeBytes` left, and the errors
 * of the stream. `what` names the files in errors.
 */
export async function receiveFile(
  folder: string,
  chunks: AsyncIterable<Uint8Array>,
  expected: Expected,
  { keepFreeBytes, what }: { readonly keepFreeBytes: number; readonly what: string },
): Promise<IncomingFile> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await checkFree(folder, keepFreeBytes + (expected.size ?? 0), what);
  const path = join(folder, randomUUID());
  const discard = () => rm(path, { force: true });
  try {
    const written = await write(path, chunks, expected);
    return { ...written, path, discard, moveTo: (target) => moveInto(path, target) };
  } catch (error) {
    await discard();
    throw diskError(error, what);
  }
}

async function checkFree(folder: string, needed: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed) return;
  throw new QgjobError(
    'unavailable',
    `the disk of the ${what} is nearly full: uploads are put off, all else goes on`,
  );
}

async function write(path: string, chunks: AsyncIterable<Uint8Array>, { maxBytes, sha256 }: Expected) {
  const hash = createHash('sha256');
  const free = pieceFreer();
  let size = 0;
  const file = await open(path, 'wx');
  try {
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > maxBytes)
        throw new QgjobError('too_large', `the file is larger than the ${maxBytes} bytes it may have`);
      hash.update(chunk);
      await file.writeFile(chunk);
      free(chunk.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const digest = hash.digest('hex');
  if (sha256 === undefined || digest === sha256) return { size, sha256: digest };
  throw new QgjobError(
    'invalid',
    `sha256: the bytes that came have another one, ${digest}; send the file again`,
  );
}

/** Syncs the folders too, so that an acknowledged file survives a power cut. */
async function moveInto(path: string, target: string): Promise<void> {
  const folder = dirname(target);
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  await rename(path, target);
  await syncFolder(folder);
  if (made !== undefined) await syncFolder(dirname(folder));
}

const chunkBytes = 64 * 1024;

/** The bytes from `start` up to, but not including, `end`; read piece by piece, on demand. */
export async function* readRange(path: string, start: number, end: number): AsyncGenerator<Uint8Array> {
  const free = pieceFreer();
  let file: FileHandle | undefined;
  try {
    for (let at = start; at < end; ) {
      file ??= await open(path, 'r');
      const size = Math.min(chunkBytes, end - at);
      const { bytesRead, buffer } = await file.read(new Uint8Array(size), 0, size, at);
      if (bytesRead === 0) throw new Error(`${path} ends at ${at}, before ${end}`);
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
      free(bytesRead);
    }
  } finally {
    await file?.close();
  }
}

/** Deletes what a crash left of uploads to `folder`; with `before` (epoch ms) only what was not changed since. */
export async function removeLeftovers(folder: string, before?: number): Promise<void> {
  if (before === undefined) return rm(folder, { recursive: true, force: true });
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < before) await rm(path, { force: true });
  }
}
