import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** No configuration and no manifest is larger, of a suite or of an app. */
const mostBytes = 1024 ** 2;

// Nothing waits: a FIFO opens at once, and is seen then.
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * The text of a file of a suite, whose own scripts may have put anything in its place: a FIFO would be waited for for ever,
 * and a device has no end, with the whole agent. Undefined for all but a regular file of up to 1 MiB.
 */
export const readSubmitted = (path: string): string | undefined => readSubmittedBytes(path)?.toString('utf8');

/** The same as bytes. */
export function readSubmittedBytes(path: string): Buffer | undefined {
  const bytes = readStart(path, mostBytes + 1);
  return bytes !== undefined && bytes.length <= mostBytes ? bytes : undefined;
}

/** The same of its first bytes only, however large it is. */
export const readSubmittedStart = (path: string, bytes: number): string | undefined =>
  readStart(path, bytes)?.toString('utf8');

function readStart(path: string, most: number): Buffer | undefined {
  let file: number | undefined;
  try {
    file = openSync(path, flags);
    return fstatSync(file).isFile() ? readUpTo(file, most) : undefined;
  } catch {
    return undefined;
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What a file says of its size need not be so: those of the kernel say that they are empty. */
function readUpTo(file: number, most: number): Buffer {
  const buffer = Buffer.allocUnsafe(Math.min(most, Math.max(fstatSync(file).size, 4096) + 1));
  let length = 0;
  for (let read = 1; read > 0 && length < buffer.length; length += read)
    read = readSync(file, buffer, length, buffer.length - length, null);
  return buffer.subarray(0, length);
}
