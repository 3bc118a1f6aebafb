import { type BlobPlace, type Blobs, openBlobs } from '../blobs/open-blobs.ts';
import { openReader, type Reader } from '../db/snapshot.ts';
import { type BlobRef, blobRefs, nameOf } from './blob-refs.ts';
import { BlobKeeper, isFileName } from './keep-blob.ts';
import { openBlob } from './open-blob.ts';

interface Filling {
  /** The unpacked database, which names the files. */
  readonly database: string;
  /** The folder of the unpacked files. */
  readonly unpacked: string;
  /** Where other servers may keep their files too. */
  readonly shared: BlobPlace;
  /** The wall clock, epoch ms. */
  readonly now: () => number;
}

/**
 * Copies the files of a backup, once it was checked to its end, to where other servers may keep theirs too: first what
 * replaces nothing but itself (artifacts, bundles, builds), then `commit` is called, then logs. Errors: those of the store
 * and of `commit`.
 */
export async function fillShared(filling: Filling, commit: () => Promise<void>): Promise<void> {
  const options = { limits: { keepFreeBytes: 0 }, now: filling.now };
  const from = await openBlobs({ folder: filling.unpacked }, options);
  const to = await openBlobs(filling.shared, options);
  // One reads on while the other one looks up.
  const [reader, rows] = [openReader(filling.database), openReader(filling.database)];
  const copy = copier(from, new BlobKeeper(to, rows));
  try {
    for (const ref of blobRefs(reader)) if (ref.kind !== 'logs') await copy(ref);
    await commit();
    await dropLaterLogs(to, reader);
    for (const ref of blobRefs(reader)) if (ref.kind === 'logs') await copy(ref);
  } finally {
    reader.close();
    rows.close();
  }
}

/** Jobs that had not ended run again, and would go on in the logs of the time after the backup. */
async function dropLaterLogs({ logs }: Blobs, reader: Reader): Promise<void> {
  for (const row of reader.rows('SELECT id FROM jobs WHERE finalized_at IS NULL')) {
    const jobId = String(row.id);
    if (isFileName(nameOf({ kind: 'logs', jobId, attempt: 1 }))) await logs.jobs.remove(jobId);
  }
}

const copier =
  (from: Blobs, keeper: BlobKeeper) =>
  async (ref: BlobRef): Promise<void> => {
    const name = nameOf(ref);
    const found = isFileName(name) ? await openBlob(from, ref) : undefined;
    if (found) await keeper.keep({ name, size: found.bytes, body: found.pieces });
  };
