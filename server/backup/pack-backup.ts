import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createTarPacker, type TarPackController } from 'modern-tar';
import { pieceFreer } from '../../host/free-pieces.ts';
import { type BackupEnd, type BackupManifest, backupEntries, backupFormat } from '../../protocol/backup.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Blobs } from '../blobs/open-blobs.ts';
import { type BlobRef, nameOf } from './blob-refs.ts';
import { isSettled } from './is-settled.ts';
import { openBlob } from './open-blob.ts';
import type { Snapshot } from './take-snapshot.ts';

export interface PackOptions {
  readonly version: string;
  /** The moment of the snapshot, epoch ms. */
  readonly takenAt: number;
  readonly blobs: Blobs;
  /** What is on its way to be packed; while it is not there, `wait` entries are sent. */
  readonly snapshot: Promise<Snapshot>;
}

/** How often something is sent at least while a snapshot is made: proxies close what is silent for a minute. In ms. */
export const waitMs = 15_000;

/**
 * The bytes of a backup: a tar whose entries `backupEntries` names, in their order. Once it has begun, an error of the
 * snapshot is its last entry.
 */
export async function* packBackup(options: PackOptions): AsyncGenerator<Uint8Array> {
  const { readable, controller } = createTarPacker();
  const packed = packAll(controller, options).catch((error: unknown) => controller.error(error));
  try {
    yield* readable as AsyncIterable<Uint8Array>;
  } finally {
    await readable.cancel().catch(() => undefined);
    await packed;
  }
}

async function packAll(controller: TarPackController, options: PackOptions): Promise<void> {
  const { snapshot, takenAt } = options;
  const mtime = new Date(takenAt);
  const json = (name: string, value: unknown) =>
    addBytes(controller, { name, mtime }, Buffer.from(`${JSON.stringify(value)}\n`));
  try {
    while (!(await isSettled(snapshot, waitMs)))
      await addBytes(controller, { name: backupEntries.wait, mtime }, new Uint8Array(0));
    const made = await snapshot;
    await json(backupEntries.manifest, manifestOf(made, options));
    if (
      !(await addPieces(
        controller,
        { name: backupEntries.database, mtime },
        made.facts.bytes,
        piecesOf(made.file),
      ))
    )
      throw new QgjobError('unavailable', 'the copy of the database cannot be read to its end');
    await json(backupEntries.end, await packFiles(controller, made, options));
  } catch (error) {
    if (!(error instanceof QgjobError)) throw error;
    await json(backupEntries.failed, { message: error.message });
  }
  controller.finalize();
}

const manifestOf = ({ facts, totals }: Snapshot, { version, takenAt }: PackOptions): BackupManifest => ({
  format: backupFormat,
  version,
  schema: facts.schema,
  taken_at: new Date(takenAt).toISOString(),
  database: { bytes: facts.bytes, sha256: facts.sha256 },
  rows: facts.rows,
  files: totals,
});

/** Files change while others are packed: what is gone is counted, and of a log its length at that moment counts. */
async function packFiles(
  controller: TarPackController,
  { list }: Snapshot,
  { blobs, takenAt }: PackOptions,
): Promise<BackupEnd> {
  const end = { files: 0, bytes: 0, missing: 0, unreadable: 0 };
  if (list === undefined) return end;
  for await (const line of createInterface({ input: createReadStream(list) })) {
    const ref = JSON.parse(line) as BlobRef;
    const found = await openBlob(blobs, ref);
    if (!found) {
      // Most attempts have a log, but not all, so one that is not there means nothing.
      if (ref.kind !== 'logs') end.missing += 1;
      continue;
    }
    const head = { name: nameOf(ref), mtime: new Date(takenAt) };
    end.files += 1;
    end.bytes += found.bytes;
    if (!(await addPieces(controller, head, found.bytes, found.pieces))) end.unreadable += 1;
  }
  return end;
}

const pieceBytes = 2 ** 18;

async function* piecesOf(file: string): AsyncGenerator<Uint8Array> {
  const free = pieceFreer();
  for await (const piece of createReadStream(file, { highWaterMark: pieceBytes }) as AsyncIterable<Buffer>) {
    yield piece;
    free(piece.length);
  }
}

interface Head {
  readonly name: string;
  readonly mtime: Date;
}

const headOf = (head: Head, size: number) => ({ ...head, size, mode: 0o600, uid: 0, gid: 0 });

async function addBytes(controller: TarPackController, head: Head, bytes: Uint8Array): Promise<void> {
  const writer = controller.add(headOf(head, bytes.length)).getWriter();
  if (bytes.length > 0) await writer.write(bytes);
  await writer.close();
}

async function* untilError(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
  } catch {
    // A disk that cannot read one file must not keep all others from being backed up.
  }
}

/** Zeros stand for what cannot be read. False: there were some. */
async function addPieces(
  controller: TarPackController,
  head: Head,
  size: number,
  pieces: AsyncIterable<Uint8Array>,
): Promise<boolean> {
  const writer = controller.add(headOf(head, size)).getWriter();
  let left = size;
  for await (const piece of untilError(pieces)) {
    const part = piece.subarray(0, left);
    left -= part.length;
    await writer.write(part);
  }
  const isWhole = left === 0;
  for (; left > 0; left -= Math.min(left, pieceBytes))
    await writer.write(new Uint8Array(Math.min(left, pieceBytes)));
  await writer.close();
  return isWhole;
}
