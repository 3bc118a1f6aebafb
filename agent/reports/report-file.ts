import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pathInside } from '../../client/path-inside.ts';

/** `broken` says why the file cannot be read, in words. */
export type OpenedReport =
  | { readonly missing: true }
  | { readonly broken: string }
  | { readonly file: FileHandle };

/** Larger files are no reports. Files are read part by part, so this limits time, not memory. */
export const maxReportBytes = 2 * 1024 ** 3;

/**
 * Opens a report. A test may have left anything at that path: only a regular file is opened, or a link to one in the
 * same folder, and never a FIFO, which would wait. The caller closes the file.
 */
export async function openReport(path: string): Promise<OpenedReport> {
  try {
    const found = await lstat(path);
    const real = found.isSymbolicLink() ? await linkTarget(path) : path;
    if (real === undefined) return { broken: 'it is a link that leads out of its folder' };
    const kind = kindOf(await lstat(real));
    return kind === undefined ? await openFile(real) : { broken: `it is ${kind}, no file` };
  } catch (error) {
    return notReadable(error as NodeJS.ErrnoException, path);
  }
}

async function linkTarget(path: string): Promise<string | undefined> {
  const real = await realpath(path);
  return pathInside(await realpath(dirname(path)), real) ? real : undefined;
}

interface Kinds {
  isFile(): boolean;
  isDirectory(): boolean;
  isFIFO(): boolean;
  isSocket(): boolean;
}

function kindOf(stats: Kinds): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return 'a folder';
  if (stats.isFIFO()) return 'a FIFO';
  return stats.isSocket() ? 'a socket' : 'a device';
}

// The file may have been replaced since it was checked: no link is followed, nothing waits, and it is checked again.
const flags = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

async function openFile(path: string): Promise<OpenedReport> {
  const file = await open(path, flags);
  const stats = await file.stat();
  const kind = kindOf(stats);
  if (kind === undefined && stats.size <= maxReportBytes) return { file };
  await file.close();
  return {
    broken:
      kind === undefined
        ? `it has ${stats.size} bytes, ${maxReportBytes} are allowed`
        : `it is ${kind}, no file`,
  };
}

async function notReadable(error: NodeJS.ErrnoException, path: string): Promise<OpenedReport> {
  const isGone = error.code === 'ENOENT' && !(await lstat(path).then(Boolean, () => false));
  if (isGone) return { missing: true };
  if (error.code === 'ENOENT') return { broken: 'it is a link to nothing' };
  if (error.code === 'ELOOP') return { broken: 'it is a link that leads round in a circle' };
  return { broken: `it cannot be opened (${error.code ?? error.message})` };
}

// Small enough not to delay a heartbeat: the densest part, of 1500 cases, takes some 5 ms.
const partBytes = 16 * 1024;

/** The bytes of a file in small parts, with a turn of the event loop between them. A file that still grows ends too. */
export async function* readParts(file: FileHandle): AsyncGenerator<Buffer> {
  for (let read = 0; read <= maxReportBytes; read += partBytes) {
    // A new buffer for each part: the part before may still be in use.
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(partBytes), 0, partBytes);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
  throw new Error(`it has more than ${maxReportBytes} bytes`);
}

/**
 * XML as text. An unknown encoding is an error that names it. Invalid bytes become U+FFFD: a file with a few of them
 * can still be read.
 */
export async function* decodeXml(parts: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let decoder: TextDecoder | undefined;
  for await (const part of parts) {
    decoder ??= decoderFor(part);
    yield decoder.decode(part, { stream: true });
  }
  if (decoder) yield decoder.decode();
}

/** By the byte order mark, else the zeros of two-byte encodings, else the declaration; else UTF-8. */
function decoderFor(start: Uint8Array): TextDecoder {
  const label = encodingOf(start);
  try {
    return new TextDecoder(label);
  } catch {
    throw new Error(`its encoding ${JSON.stringify(label)} is not known`);
  }
}

function encodingOf(bytes: Uint8Array): string {
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const isLong = bytes.length >= 4;
  if (isLong && a === 0xff && b === 0xfe && c === 0 && d === 0) return 'utf-32le';
  if (isLong && a === 0 && b === 0 && c === 0xfe && d === 0xff) return 'utf-32be';
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  if (isLong && a !== 0 && b === 0) return c === 0 && d === 0 ? 'utf-32le' : 'utf-16le';
  if (isLong && a === 0 && b !== 0) return 'utf-16be';
  return declaredEncoding(Buffer.from(bytes.subarray(0, 1000)).toString('latin1'));
}

/** A declaration in single bytes that names an encoding of two or four bytes is wrong; .NET writes such ones. */
function declaredEncoding(start: string): string {
  const [, label = 'utf-8'] = /^\s*<\?xml\s[^>]*?encoding\s*=\s*["']([^"'>]*)["']/i.exec(start) ?? [];
  return /^(utf|ucs|iso-10646-ucs)[-_]?(16|32|2|4)/i.test(label.trim()) || label.trim() === ''
    ? 'utf-8'
    : label.trim();
}
