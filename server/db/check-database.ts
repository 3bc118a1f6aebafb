import {
  chmodSync,
  closeSync,
  existsSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import type { Client } from '@libsql/client';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { isDamage } from './store-error.ts';

/** SQLite's smallest page: what is shorter and not empty is no database. */
const smallestPage = 512;

/** Exit code `failed`: neither the command nor the network is to blame, and trying again does not help. */
const damagedDatabase = (file: string, why: string, cause?: unknown): QgjobError =>
  new QgjobError('internal', `the database ${file} is damaged: ${why}; restore a backup of it`, {
    exitCode: exitCodes.failed,
    cause,
  });

/** Makes an empty file where there is none; it and the files beside it are for their owner alone, whatever they were. */
export function keepPrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (const one of [file, `${file}-wal`, `${file}-shm`]) {
    try {
      chmodSync(one, 0o600);
    } catch {
      // Not there, or another user's, who then sees to it.
    }
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** A log beside the database: whoever wrote last did not close it. */
export const hasLog = (file: string): boolean => sizeOf(`${file}-wal`) > 0;

const markOf = (file: string): string => `${file}.check`;

/** Damage was met: every start looks at all pages until none is found, however the process before ended. */
export const isMarked = (file: string): boolean => existsSync(markOf(file));

export function mark(file: string): void {
  try {
    writeFileSync(markOf(file), '', { mode: 0o600 });
  } catch {
    // Of a disk that takes nothing the damage is told all the same, now.
  }
}

export const unmark = (file: string): void => rmSync(markOf(file), { force: true });

/**
 * What SQLite would take for an empty database, or fill up with zeros, and go on. `isUsed`: a server has run on it before.
 * Errors: `internal` with exit code 1, as from the two below.
 */
export function checkSize(file: string, isUsed: boolean): void {
  const size = sizeOf(file);
  if (size === 0 && (hasLog(file) || (isUsed && existsSync(file))))
    throw damagedDatabase(file, 'it is empty');
  if (size > 0 && size < smallestPage) throw damagedDatabase(file, `it has ${size} bytes`);
  if (size === 0 || hasLog(file)) return;
  const page = pageSize(file);
  if (page >= smallestPage && size % page !== 0) throw damagedDatabase(file, 'its last page is cut off');
}

/** As its header says: two bytes, big-endian, at 16; 1 stands for 65536 (the SQLite file format). */
function pageSize(file: string): number {
  const header = Buffer.alloc(18);
  const opened = openSync(file, 'r');
  try {
    readSync(opened, header, 0, header.length, 0);
  } finally {
    closeSync(opened);
  }
  const size = header.readUInt16BE(16);
  return size === 1 ? 65_536 : size;
}

/** Looks at every page: for a start after a process that did not come to its end. About 1 s for a gigabyte. */
export async function checkPages(client: Client, file: string): Promise<void> {
  const { rows } = await client.execute('PRAGMA quick_check(1)');
  const said = String(rows[0]?.quick_check ?? 'it cannot be checked');
  if (said !== 'ok') throw damagedDatabase(file, said.replace(/\s+/g, ' '));
}

/** An error of the start as what it is, where the file itself caused it. */
export function nameDamage(file: string, error: unknown): unknown {
  const causes = [error, (error as Error).cause, ((error as Error).cause as Error | undefined)?.cause];
  const found = causes.find((one) => {
    const { message } = (one ?? {}) as { message?: unknown };
    return isDamage(one) || /unsupported file format|malformed/.test(String(message));
  });
  if (!found || error instanceof QgjobError) return error;
  return damagedDatabase(file, String((found as Error).message).replace(/^(SQLITE_\w+: )+/, ''), error);
}
