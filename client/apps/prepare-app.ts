import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { type ReadApp, readApp } from './read-app.ts';

/** A build of an app on this disk, read and hashed. */
export interface PreparedApp extends ReadApp {
  /** As it was given. */
  readonly path: string;
  /** Of its bytes, hex. */
  readonly sha256: string;
  /** Its bytes, read on demand; an error once the file has changed. */
  readonly blob: Blob;
}

/** Reads what a build is and hashes it. Errors: `invalid` (no file, no app), `too_large`. */
export async function prepareApp(path: string): Promise<PreparedApp> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'there is no such file' : error.message;
    throw new QgjobError('invalid', `${oneLine(path)} cannot be read: ${oneLine(why)}`, { cause: error });
  });
  if (!found.isFile()) throw new QgjobError('invalid', `${oneLine(path)} is not a file`);
  if (found.size > limits.appBytes)
    throw new QgjobError(
      'too_large',
      `${oneLine(path)} has ${formatBytes(found.size)}; an app may have ${formatBytes(limits.appBytes)}`,
    );
  const read = await readApp(path);
  const blob = await openAsBlob(path);
  return { ...read, path, blob, sha256: await hashOf(path) };
}

/** Twice as fast as by a Blob. */
const pieceBytes = 1024 * 1024;

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: pieceBytes }), hash);
  return hash.digest('hex');
}

export const changed = (path: string, cause: unknown): QgjobError =>
  new QgjobError('invalid', `${oneLine(path)} changed while it was read; try again`, { cause });
