import { fork } from 'node:child_process';
import { mkdir, mkdtemp, rm, stat, statfs } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BackupManifest } from '../../protocol/backup.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import type { DatabasePlace } from '../db/open-store.ts';
import type { SnapshotFacts } from '../db/snapshot.ts';
import { isDamage, storeError } from '../db/store-error.ts';
import { keepFreeBytes } from './keep-free.ts';

export interface SnapshotOrder {
  /** The database: a path, absolute as are the others, or a libSQL server. */
  readonly place: DatabasePlace;
  readonly target: string;
  /** Where the list of files is written; absent: nowhere. */
  readonly list?: string | undefined;
}

export type SnapshotAnswer =
  | { readonly facts: SnapshotFacts; readonly totals: BackupManifest['files'] }
  | { readonly error: { readonly message: string; readonly code: string } };

/** A copy of a database at one moment, in a folder of its own. */
export interface Snapshot {
  readonly file: string;
  readonly facts: SnapshotFacts;
  /** The files that its rows name, one per line (`BlobRef`); undefined: they were not asked for. */
  readonly list: string | undefined;
  readonly totals: BackupManifest['files'];
  dispose(): Promise<void>;
}

interface Wanted {
  /** The database. */
  readonly place: DatabasePlace;
  /** Where the copy is made; made where it is not there. */
  readonly folder: string;
  readonly withFiles: boolean;
  readonly signal: AbortSignal;
}

/** Where a server makes its copies; what is left there by one that was killed is deleted at the next start. */
export const snapshotFolder = (dataDir: string): string => join(dataDir, '.snapshots');

/**
 * Copies a database that may be in use, by another process. Errors: `unavailable` (no room for the copy), `internal` with
 * exit code 1 (damaged), the reason of the signal.
 */
export async function openSnapshot({ place, folder, withFiles, signal }: Wanted): Promise<Snapshot> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (typeof place === 'string') await refuseFullDisk(place, folder);
  const own = await mkdtemp(join(folder, 'snapshot-'));
  const dispose = () => rm(own, { recursive: true, force: true });
  try {
    const target = join(own, 'qgjob.db');
    const list = withFiles ? join(own, 'files.jsonl') : undefined;
    const answer = await order({ place, target, list }, signal);
    if ('error' in answer) throw errorOf(place, answer.error);
    return { file: target, ...answer, list, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

async function refuseFullDisk(file: string, folder: string): Promise<void> {
  const sizes = await Promise.all(
    [file, `${file}-wal`].map((path) =>
      stat(path).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  const needed = sizes.reduce((sum, size) => sum + size, 0);
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= needed + keepFreeBytes) return;
  throw new QgjobError(
    'unavailable',
    `a copy of the database needs ${formatBytes(needed)} in ${folder}, and its disk has ${formatBytes(bavail * bsize)} left (${formatBytes(keepFreeBytes)} stay free)`,
  );
}

// `.ts` where the sources run, `.js` in build/.
const program = join(import.meta.dirname, `snapshot-process${extname(fileURLToPath(import.meta.url))}`);

function order(what: SnapshotOrder, signal: AbortSignal): Promise<SnapshotAnswer> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const child = fork(program, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let words = '';
    let answer: SnapshotAnswer | undefined;
    const stop = (): void => void child.kill('SIGKILL');
    signal.addEventListener('abort', stop);
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      words = (words + text).slice(-2000);
    });
    child.once('message', (message) => {
      answer = message as SnapshotAnswer;
    });
    child.once('error', reject);
    // Its files are complete, and nothing of them is open, once it has ended.
    child.once('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason as Error);
      else if (answer) resolve(answer);
      else reject(new Error(`the process that copies the database ended with ${killedBy ?? code}: ${words}`));
    });
    child.send(what);
  });
}

function errorOf(
  place: DatabasePlace,
  error: { readonly message: string; readonly code: string },
): QgjobError {
  if (typeof place !== 'string') return new QgjobError('unavailable', `${place.url}: ${error.message}`);
  if (!isDamage(error)) return storeError(error);
  const why = error.message.replace(/^(SQLITE_\w+: )+/, '');
  return new QgjobError('internal', `the database ${place} is damaged: ${why}; restore a backup of it`, {
    exitCode: exitCodes.failed,
  });
}
