import { createHash } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
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

/** Reads what a build is and hashes it. Errors: `invalid` (no file, no app), `too_large`, the reason of the signal. */
export async function prepareApp(path: string, signal?: AbortSignal): Promise<PreparedApp> {
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
  return { ...read, path, blob, sha256: await hashOf(path, blob, signal) };
}

async function hashOf(path: string, blob: Blob, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of blob.stream()) {
      signal?.throwIfAborted();
      hash.update(chunk);
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw changed(path, error);
  }
  return hash.digest('hex');
}

export const changed = (path: string, cause: unknown): QgjobError =>
  new QgjobError('invalid', `${oneLine(path)} changed while it was read; try again`, { cause });

/** The app version of a build where nobody names one: each build of a commit has its own. */
export const versionOfBuild = (commit: string, sha256: string): string => `${commit}-${sha256.slice(0, 12)}`;

const words = { apk: 'APK', aab: 'App Bundle', ipa: 'IPA' };

/** `APK of com.example.shop 1.4.2 (42), 31.2 MiB`. */
export function describeApp({ kind, packageName, versionName, versionCode, blob }: PreparedApp): string {
  const version = versionName === undefined ? '' : ` ${versionName}`;
  const code = versionCode === undefined ? '' : ` (${versionCode})`;
  return oneLine(`${words[kind]} of ${packageName}${version}${code}, ${formatBytes(blob.size)}`);
}
