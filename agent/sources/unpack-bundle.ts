import { createReadStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import { limits } from '../../protocol/limits.ts';

/** Why a bundle is not unpacked; its text is for the person who sent it. */
export class BadBundle extends Error {
  override readonly name = 'BadBundle';
}

/**
 * Unpacks a bundle into a folder that is new and empty. Only regular files inside of it are made: whoever packed the
 * bundle may be anybody, so every link, device and path that leads out is refused, and so is more than a bundle may hold.
 * Errors: BadBundle; those of the disk.
 */
export async function unpackBundle(archive: string, folder: string): Promise<void> {
  const tar = createGunzip();
  const reading = pipeline(createReadStream(archive), tar);
  reading.catch(() => undefined);
  const entries = Readable.toWeb(tar).pipeThrough(createTarDecoder({ strict: true }) as never);
  const budget = { files: limits.bundleFiles, bytes: limits.bundleUnpackedBytes };
  try {
    for await (const entry of entries as unknown as AsyncIterable<ParsedTarEntry>)
      await unpackEntry(entry, folder, budget);
    await reading;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof BadBundle || (code && !code.startsWith('Z_') && code !== 'EEXIST')) throw error;
    throw new BadBundle(code === 'EEXIST' ? 'it has one file twice' : `it cannot be read: ${message}`);
  }
}

interface Budget {
  files: number;
  bytes: number;
}

async function unpackEntry({ header, body }: ParsedTarEntry, folder: string, budget: Budget): Promise<void> {
  const { name, size, mode = 0, type } = header;
  const why = whyRefused(name, type);
  if (why !== undefined) throw new BadBundle(`${JSON.stringify(name.slice(0, 200))} ${why}`);
  budget.files -= 1;
  budget.bytes -= size;
  if (budget.files < 0) throw new BadBundle(`it has more than ${limits.bundleFiles} files`);
  if (budget.bytes < 0) throw new BadBundle(`it unpacks to more than ${limits.bundleUnpackedBytes} bytes`);
  const path = join(folder, name);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, body as never, { flag: 'wx', mode: mode & 0o100 ? 0o755 : 0o644 });
}

function whyRefused(name: string, type: string | undefined): string | undefined {
  if (type !== 'file') return `is a ${type ?? 'thing'}, and only regular files are unpacked`;
  const parts = name.split('/');
  const leadsOut = name.startsWith('/') || /^[A-Za-z]:/.test(name) || parts.includes('..');
  if (leadsOut || parts.some((part) => part === '' || part === '.')) return 'is no path inside of the bundle';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\u0000\\]/.test(name)) return 'has a character that no path of a bundle has';
  return parts.includes('.git') ? 'is a part of a repository' : undefined;
}
