import { createWriteStream } from 'node:fs';
import { mkdir, realpath, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { pathInside } from '../../../client/path-inside.ts';
import { type ArchiveEntry, archiveEntries } from './archive-entries.ts';

/** Of what whoever submitted a build may put on this host. */
export interface UnpackLimits {
  readonly entries: number;
  /** Of all files. */
  readonly bytes: number;
}

const mostDeep = 64;
const longestName = 1024;

/**
 * Unpacks an archive into a folder that is new and empty. Anybody may have packed it, and no isolation is around this: only
 * files, folders and links that stay inside are made, each once, and no more than the limits say. Errors: why not, in words;
 * those of the disk; the reason of the signal.
 */
export async function unpackArchive(
  path: string,
  folder: string,
  limits: UnpackLimits,
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const left = { entries: limits.entries, bytes: limits.bytes };
  const links: { readonly at: string; readonly target: string }[] = [];
  for await (const entry of archiveEntries(path, env, signal)) {
    signal.throwIfAborted();
    left.entries -= 1;
    if (left.entries < 0) throw new Error(`it has more than ${limits.entries} files`);
    const at = placeIn(folder, entry.name);
    if (at === folder) continue;
    if (entry.kind === 'folder') await mkdir(at, { recursive: true });
    else if (entry.kind === 'link') links.push({ at, target: await targetOf(entry) });
    else if (entry.kind === 'file') await writeEntry(entry, at, left, limits);
    else
      throw new Error(
        `${shown(entry.name)} is a ${entry.kind}, and only files, folders and links are unpacked`,
      );
  }
  // When all else is there: nothing is written through a link.
  await makeLinks(await realpath(folder), folder, links);
}

const shown = (name: string): string => JSON.stringify(name.slice(0, 200));

function placeIn(folder: string, name: string): string {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  const isOdd = name.startsWith('/') || /[\0\\]/.test(name) || parts.includes('..');
  if (isOdd || parts.length > mostDeep || Buffer.byteLength(name) > longestName)
    throw new Error(`${shown(name)} is no path inside of it`);
  return join(folder, ...parts);
}

async function targetOf(entry: ArchiveEntry): Promise<string> {
  if (entry.target !== undefined) return entry.target;
  let target = '';
  for await (const chunk of await entry.open()) {
    target += Buffer.from(chunk).toString('utf8');
    if (target.length > longestName) break;
  }
  return target;
}

async function writeEntry(
  entry: ArchiveEntry,
  at: string,
  left: { bytes: number },
  limits: UnpackLimits,
): Promise<void> {
  const counted = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      left.bytes -= chunk.length;
      if (left.bytes >= 0) done(null, chunk);
      else done(new Error(`it unpacks to more than ${limits.bytes} bytes`));
    },
  });
  await mkdir(dirname(at), { recursive: true });
  const file = createWriteStream(at, { flags: 'wx', mode: entry.isProgram ? 0o755 : 0o644 });
  await pipeline(Readable.from(await entry.open()), counted, file).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'EEXIST' ? new Error(`it has ${shown(entry.name)} twice`) : error;
  });
}

async function makeLinks(
  real: string,
  folder: string,
  links: readonly { readonly at: string; readonly target: string }[],
): Promise<void> {
  for (const { at, target } of links) {
    await mkdir(dirname(at), { recursive: true });
    // A link before it may stand on the way.
    const parent = await realpath(dirname(at));
    const isInside =
      pathInside(real, parent) !== undefined && pathInside(real, resolve(parent, target)) !== undefined;
    if (!isInside || target.includes('\0')) throw leadsOut(folder, at);
    await symlink(target, at);
  }
  for (const { at } of links) {
    const end = await realpath(at).catch(() => undefined);
    if (end === undefined || pathInside(real, end) === undefined) throw leadsOut(folder, at);
  }
}

const leadsOut = (folder: string, at: string): Error =>
  new Error(`${shown(at.slice(folder.length + 1))} is a link to nothing inside of it`);
