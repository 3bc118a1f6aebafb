import { QgjobError } from '../../protocol/errors.ts';
import type { Blobs } from '../blobs/open-blobs.ts';
import type { DatabasePlace } from '../db/open-store.ts';
import { isSettled } from './is-settled.ts';
import { packBackup, waitMs } from './pack-backup.ts';
import { openSnapshot, type Snapshot } from './take-snapshot.ts';

export interface BackupSource {
  /** The database: a path, absolute, or a libSQL server. */
  readonly place: DatabasePlace;
  /** Where copies of it are made; absolute. */
  readonly folder: string;
  readonly blobs: Blobs;
  readonly version: string;
  /** Epoch ms. */
  readonly now: () => number;
}

/** Makes backups, one at a time. */
export interface Backups {
  /**
   * The bytes of a backup; `withFiles`: with logs, artifacts, bundles and builds. They are to be read at once. The signal
   * ends it. Errors: `conflict` while another one is made, those of `openSnapshot`, the reason of the signal.
   */
  read(options: {
    readonly withFiles: boolean;
    readonly signal?: AbortSignal;
  }): Promise<AsyncIterable<Uint8Array>>;
  /** Ends what is under way, so that nothing reads the database any more. */
  stop(): Promise<void>;
}

/** How long a backup that nobody reads is kept, in ms. */
const unreadMs = 60_000;
/** How long one whose reader stands still is kept, in ms. */
const standstillMs = 5 * 60_000;

export function createBackups(source: BackupSource, stalledMs = standstillMs): Backups {
  let current: Snapshotting | undefined;
  return {
    async read({ withFiles, signal }) {
      if (current)
        throw new QgjobError('conflict', 'a backup is being made already; wait until it has ended');
      const mine = begin(source, withFiles);
      current = mine;
      const end = async (): Promise<void> => {
        mine.abort.abort(new QgjobError('unavailable', 'the backup has ended'));
        await mine.snapshot.then(
          (made) => made.dispose(),
          () => undefined,
        );
        if (current === mine) current = undefined;
      };
      const leave = (): void => void end();
      signal?.addEventListener('abort', leave);
      try {
        // From now on an error could only be a part of the answer.
        if (await isSettled(mine.snapshot, waitMs)) await mine.snapshot;
      } catch (error) {
        await end();
        throw error;
      } finally {
        signal?.removeEventListener('abort', leave);
      }
      return readOnce(packBackup({ ...source, ...mine }), mine.abort.signal, end, stalledMs);
    },
    async stop() {
      current?.abort.abort(new QgjobError('unavailable', 'the server is stopping'));
      await current?.snapshot.catch(() => undefined);
    },
  };
}

interface Snapshotting {
  readonly abort: AbortController;
  readonly takenAt: number;
  readonly snapshot: Promise<Snapshot>;
}

function begin({ place, folder, now }: BackupSource, withFiles: boolean): Snapshotting {
  const abort = new AbortController();
  const takenAt = now();
  const snapshot = openSnapshot({ place, folder, withFiles, signal: abort.signal });
  snapshot.catch(() => undefined);
  return { abort, takenAt, snapshot };
}

function readOnce(
  packed: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  end: () => Promise<void>,
  stalledMs: number,
): AsyncIterable<Uint8Array> {
  const unread = setTimeout(() => void end(), unreadMs);
  unread.unref();
  return (async function* () {
    clearTimeout(unread);
    try {
      for await (const piece of packed) {
        signal.throwIfAborted();
        const stalled = setTimeout(() => void end(), stalledMs);
        stalled.unref();
        try {
          yield piece;
        } finally {
          clearTimeout(stalled);
        }
        signal.throwIfAborted();
      }
    } finally {
      await end();
    }
  })();
}
