import { createReadStream, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { createTarPacker, unpackTar } from 'modern-tar';
import { backupType } from '../../protocol/backup.ts';
import { type Restored, restoreBackup } from '../../server/backup/restore-backup.ts';
import type { BlobPlace } from '../../server/blobs/open-blobs.ts';
import { tempFolder } from './queue.ts';
import type { TestServer } from './server.ts';

/** The bytes of a backup of a running server. */
export const takeBackup = async (server: TestServer, query: Record<string, string> = {}): Promise<Buffer> =>
  joinPieces(await server.client.open('getBackup', { type: backupType, query }));

/** All pieces of a backup, one after the other. */
export async function joinPieces(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

export interface TarFile {
  readonly name: string;
  readonly data: Uint8Array;
  readonly type?: 'file' | 'symlink' | 'link' | 'directory';
}

export const readTar = async (bytes: Uint8Array): Promise<TarFile[]> =>
  (await unpackTar(bytes)).map(({ header: { name }, data }) => ({ name, data: data ?? new Uint8Array() }));

/** A tar of these files, whatever they are called. */
export async function makeTar(files: readonly TarFile[]): Promise<Buffer> {
  const { readable, controller } = createTarPacker();
  const packed = (async () => {
    for (const { name, data, type = 'file' } of files) {
      const isFile = type === 'file';
      const writer = controller
        .add({ name, type, size: isFile ? data.length : 0, ...(!isFile && { linkname: '/etc/passwd' }) })
        .getWriter();
      if (isFile && data.length > 0) await writer.write(data);
      await writer.close();
    }
    controller.finalize();
  })();
  const bytes = Buffer.from(await new Response(readable as never).arrayBuffer());
  await packed;
  return bytes;
}

interface RestoreGiven {
  readonly dataDir?: string;
  readonly force?: boolean;
  readonly shared?: BlobPlace;
}

/** Restores it, by default into a new folder. */
export async function restoreInto(
  backup: Uint8Array | Readable,
  { dataDir = join(tempFolder(), 'restored'), force = false, shared }: RestoreGiven = {},
): Promise<Restored & { readonly dataDir: string }> {
  const bytes = backup instanceof Readable ? backup : fileOf(backup);
  const file = join(dataDir, 'qgjob.db');
  const now = () => Date.UTC(2026, 0, 1);
  const restored = await restoreBackup({
    ...{ bytes, dataDir, file, force, now, version: '1.2.3', onProgress: () => undefined, shared },
  });
  return { ...restored, dataDir };
}

function fileOf(bytes: Uint8Array): Readable {
  const path = join(tempFolder(), 'backup.tar');
  writeFileSync(path, bytes);
  return createReadStream(path);
}

/** The files below a folder, by their names, with their bytes as text. */
export function filesBelow(folder: string): Record<string, string> {
  const paths = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => join(one.parentPath, one.name));
  return Object.fromEntries(
    paths.sort().map((path) => [relative(folder, path), readFileSync(path, 'latin1')]),
  );
}
