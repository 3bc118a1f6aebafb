import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { type Entry, openPromise } from 'yauzl';

/** A thing in an archive, as the archive calls it: nothing of it is checked. */
export interface ArchiveEntry {
  readonly name: string;
  /** What it is beside files, folders and links, in a word. */
  readonly kind: 'file' | 'folder' | 'link' | (string & {});
  readonly isProgram: boolean;
  /** Where a link of a tar leads; that of a zip is its content. */
  readonly target?: string | undefined;
  /** To be read, or left, before the next entry is asked for. */
  readonly open: () => Promise<AsyncIterable<Uint8Array>>;
}

/** The entries of a zip or of a tar, in whatever a tar is packed. Errors: what is wrong with it, in words. */
export async function* archiveEntries(
  path: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry> {
  const start = await firstBytes(path);
  if (start.startsWith('504b')) yield* zipEntries(path);
  else yield* tarEntries(path, start, env, signal);
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(6), 0, 6, 0);
    return buffer.toString('hex', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function* zipEntries(path: string): AsyncGenerator<ArchiveEntry> {
  const zip = await openPromise(path, { lazyEntries: true, autoClose: false });
  try {
    for await (const entry of zip.eachEntry()) {
      const mode = entry.externalFileAttributes >>> 16;
      yield {
        name: entry.fileName,
        kind: kindOfZip(entry, mode),
        isProgram: (mode & 0o100) !== 0,
        // It ends with an error where there are more bytes than the entry says.
        open: () => zip.openReadStreamPromise(entry),
      };
    }
  } finally {
    zip.close();
  }
}

const fileTypes: Readonly<Record<number, string>> = { 0: 'file', 8: 'file', 4: 'folder', 10: 'link' };

const kindOfZip = ({ fileName }: Entry, mode: number): string =>
  fileName.endsWith('/') ? 'folder' : (fileTypes[mode >>> 12] ?? 'device or pipe');

async function* tarEntries(
  path: string,
  start: string,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): AsyncGenerator<ArchiveEntry> {
  const tar = new PassThrough();
  const reading = unpack(path, start, tar, env, signal);
  reading.catch((error: Error) => tar.destroy(error));
  const entries = Readable.toWeb(tar).pipeThrough(createTarDecoder({ strict: true }) as never);
  const kinds: Readonly<Record<string, string>> = { directory: 'folder', symlink: 'link' };
  try {
    for await (const { header, body } of entries as unknown as AsyncIterable<ParsedTarEntry>) {
      const { name, type = 'file', mode = 0, linkname } = header;
      let isOpen = true;
      yield {
        name,
        kind: kinds[type] ?? type,
        isProgram: (mode & 0o100) !== 0,
        target: linkname,
        open: async () => {
          isOpen = false;
          return body as unknown as AsyncIterable<Uint8Array>;
        },
      };
      if (isOpen) await body.cancel();
    }
    await reading;
  } finally {
    tar.destroy();
  }
}

/** What packs a tar, by its first bytes: programs of the host where Node cannot do it. */
const packers: readonly (readonly [start: string, program: string])[] = [
  ['425a68', 'bzip2'],
  ['fd377a585a', 'xz'],
  ['28b52ffd', 'zstd'],
];

async function unpack(
  path: string,
  start: string,
  to: PassThrough,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  if (start.startsWith('1f8b')) return pipeline(createReadStream(path), createGunzip(), to, { signal });
  const program = packers.find(([magic]) => start.startsWith(magic))?.[1];
  if (program === undefined) return pipeline(createReadStream(path), to, { signal });
  const child = spawn(program, ['-dc', '--', path], { env, stdio: ['ignore', 'pipe', 'ignore'], signal });
  const failed = new Promise<never>((_resolve, reject) => child.once('error', reject));
  failed.catch(() => undefined);
  try {
    await Promise.race([pipeline(child.stdout, to, { signal }), failed]);
  } finally {
    child.kill('SIGKILL');
  }
}
