import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openAsBlob } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { createTarPacker, type TarPackController } from 'modern-tar';
import { QgjobError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { BundleFile } from './resolve-files.ts';

/** A packed source: a tar of regular files alone, compressed by gzip. */
export interface Bundle {
  /** Of the packed bytes, hex. */
  readonly sha256: string;
  /** The packed bytes, in a file that is removed by `dispose`. */
  readonly blob: Blob;
  dispose(): Promise<void>;
}

/**
 * Packs files. The same files give the same bytes: sorted, without times and owners, and of the mode only whether a file
 * can be executed. Errors: `too_large` above 50 MiB packed, 1 GiB unpacked or 100 000 files; `invalid` for a file that
 * cannot be read.
 */
export async function packBundle(files: readonly BundleFile[], signal?: AbortSignal): Promise<Bundle> {
  refuseTooMuch(files);
  const folder = await mkdtemp(join(tmpdir(), 'qgjob-bundle-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'bundle.tar.gz');
    const hash = createHash('sha256');
    await pipeline(
      Readable.fromWeb(packTar(files) as never),
      createGzip(),
      measure(hash, files),
      createWriteStream(path, { mode: 0o600 }),
      { signal },
    );
    return { sha256: hash.digest('hex'), blob: await openAsBlob(path), dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function refuseTooMuch(files: readonly BundleFile[]): void {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  if (files.length > limits.bundleFiles)
    throw tooLarge(`${files.length} files, at most ${limits.bundleFiles} are packed`, files);
  if (bytes > limits.bundleUnpackedBytes)
    throw tooLarge(`${inMib(bytes)} MiB of files, at most ${inMib(limits.bundleUnpackedBytes)}`, files);
}

const inMib = (bytes: number): number => Math.round(bytes / 2 ** 20);

function tooLarge(what: string, files: readonly BundleFile[]): QgjobError {
  const largest = [...files].sort((a, b) => b.bytes - a.bytes).slice(0, 3);
  const names = largest.map(({ path, bytes }) => `${path} (${inMib(bytes)} MiB)`).join(', ');
  return new QgjobError(
    'too_large',
    `the source is too large for a bundle: ${what}; the largest: ${names}. Name what no test needs in .qgjobignore`,
  );
}

function measure(hash: ReturnType<typeof createHash>, files: readonly BundleFile[]): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= limits.bundleBytes) done(null, chunk);
      else done(tooLarge(`more than ${inMib(limits.bundleBytes)} MiB packed`, files));
    },
  });
}

function packTar(files: readonly BundleFile[]): ReadableStream<Uint8Array> {
  const { readable, controller } = createTarPacker();
  void addAll(controller, files).catch((error: unknown) => controller.error(error));
  return readable;
}

async function addAll(controller: TarPackController, files: readonly BundleFile[]): Promise<void> {
  for (const file of files) await addFile(controller, file);
  controller.finalize();
}

const noTime = new Date(0);
/** A larger file is read in pieces. */
const readWhole = 4 * 2 ** 20;

async function addFile(controller: TarPackController, file: BundleFile): Promise<void> {
  const head = { name: file.path, mode: file.isExecutable ? 0o755 : 0o644, mtime: noTime, uid: 0, gid: 0 };
  if (file.bytes <= readWhole) {
    // Read before its head is written: a file that changes meanwhile is packed as it was at one moment.
    const bytes = await readFile(file.file).catch((error: unknown) => unreadable(file, error));
    const writer = controller.add({ ...head, size: bytes.length }).getWriter();
    if (bytes.length > 0) await writer.write(bytes);
    return writer.close();
  }
  // Its failure becomes that of the whole pack.
  await ReadableStream.from(piecesOf(file)).pipeTo(controller.add({ ...head, size: file.bytes }) as never);
}

/** The bytes of a file, as many as its head says. */
async function* piecesOf(file: BundleFile): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  const pieces = createReadStream(file.file);
  try {
    for await (const piece of pieces as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > file.bytes) break;
      yield piece;
    }
  } catch (error) {
    unreadable(file, error);
  }
  if (bytes !== file.bytes) unreadable(file, new Error('it changed while it was packed; submit again'));
}

function unreadable({ path }: BundleFile, error: unknown): never {
  const { code, message } = error as NodeJS.ErrnoException;
  const why = code === 'ENOENT' ? 'it was removed while it was packed; submit again' : message;
  throw new QgjobError('invalid', `${path} cannot be packed: ${why}`, { cause: error });
}
