import { createWriteStream, statfsSync } from 'node:fs';
import { setPriority } from 'node:os';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { takeRemoteSnapshot } from '../db/remote-snapshot.ts';
import { openReader, takeSnapshot } from '../db/snapshot.ts';
import { blobRefs } from './blob-refs.ts';
import { keepFreeBytes } from './keep-free.ts';
import type { SnapshotAnswer, SnapshotOrder } from './take-snapshot.ts';

/** How much less of the processor than the server it gets. */
const niceness = 10;

// A process of its own, started by take-snapshot.ts: SQLite blocks its thread.
process.once('message', (order: SnapshotOrder) => {
  void carryOut(order).then((answer) => {
    process.send?.(answer, () => process.disconnect?.());
  });
});

/** So long may a libSQL server send nothing of its dump. */
const stalledMs = 60_000;

/** How large a remote database is, is known at its end only. The server's own writes need the disk more. */
function checkRoom(target: string): void {
  const { bavail, bsize } = statfsSync(dirname(target));
  if (bavail * bsize < keepFreeBytes)
    throw new Error(`the copy of the database was given up: the disk of ${dirname(target)} is nearly full`);
}

async function carryOut({ place, target, list }: SnapshotOrder): Promise<SnapshotAnswer> {
  try {
    setPriority(niceness);
    const facts =
      typeof place === 'string'
        ? await takeSnapshot(place, target)
        : await takeRemoteSnapshot(place, target, { stalledMs, checkRoom: () => checkRoom(target) });
    return { facts, totals: list === undefined ? null : await writeList(target, list) };
  } catch (error) {
    const { message, code } = error as { message: string; code?: unknown };
    return { error: { message, code: String(code ?? '') } };
  }
}

/** One file that a row names per line, as JSON. Answers how many of each kind there are. */
async function writeList(database: string, list: string) {
  const totals = {
    artifacts: { files: 0, bytes: 0 },
    bundles: { files: 0, bytes: 0 },
    apps: { files: 0, bytes: 0 },
  };
  const reader = openReader(database);
  function* lines(): Generator<string> {
    for (const ref of blobRefs(reader)) {
      if (ref.kind !== 'logs') {
        totals[ref.kind].files += 1;
        totals[ref.kind].bytes += ref.bytes;
      }
      yield `${JSON.stringify(ref)}\n`;
    }
  }
  try {
    await pipeline(Readable.from(lines()), createWriteStream(list, { mode: 0o600 }));
  } finally {
    reader.close();
  }
  return totals;
}
