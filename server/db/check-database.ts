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

/** SQLite's smallest page, in bytes: a shorter file that is not empty is no database. */
const smallestPage = 512;

/** Exit code `failed`: the cause is neither the command nor the network, and a retry does not help. */
const damagedDatabase = (file: string, why: string, cause?: unknown): QgjobError =>
  new QgjobError('internal', `the database ${file} is damaged: ${why}; restore a backup of it`, {
    exitCode: exitCodes.failed,
    cause,
  });

const halfRestored = (file: string): QgjobError =>
  new QgjobError('internal', `a restore of ${file} was cut off: run \`qgjob restore\` again`, {
    exitCode: exitCodes.failed,
  });

/** Makes an empty file where there is none; only the owner may read and write it and the files beside it. */
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
      // It does not exist, or another user owns it.
    }
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** A write-ahead log beside the database: the last writer did not close it. */
export const hasLog = (file: string): boolean => sizeOf(`${file}-wal`) > 0;

const markOf = (file: string): string => `${file}.check`;

/** Damage was found earlier: every start checks all pages until it finds none. */
export const isMarked = (file: string): boolean => existsSync(markOf(file));

export function mark(file: string): void {
  try {
    writeFileSync(markOf(file), '', { mode: 0o600 });
  } catch {
    // The disk is full or read-only; the damage is reported now all the same.
  }
}

export const unmark = (file: string): void => rmSync(markOf(file), { force: true });

const replacingOf = (file: string): string => `${file}.restoring`;

/** From now on files of two databases may lie beside each other. */
export const beginReplacing = (file: string): void => writeFileSync(replacingOf(file), '', { mode: 0o600 });
export const endReplacing = (file: string): void => rmSync(replacingOf(file), { force: true });
export const isReplacing = (file: string): boolean => existsSync(replacingOf(file));

/**
 * Finds files that SQLite would take for an empty database, or would fill up with zeros. `isUsed`: a server has run on
 * it before. Errors: `internal` with exit code 1, also from the two functions below.
 */
export function checkSize(file: string, isUsed: boolean): void {
  if (isReplacing(file)) throw halfRestored(file);
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

/** Checks every page, after a process that was killed. About 1 s for a gigabyte. */
export async function checkPages(client: Client, file: string): Promise<void> {
  const { rows } = await client.execute('PRAGMA quick_check(1)');
  const said = String(rows[0]?.quick_check ?? 'it cannot be checked');
  if (said !== 'ok') throw damagedDatabase(file, said.replace(/\s+/g, ' '));
}

/** The error of a start, as damage where the file itself caused it. */
export function nameDamage(file: string, error: unknown): unknown {
  const causes = [error, (error as Error).cause, ((error as Error).cause as Error | undefined)?.cause];
  const found = causes.find((one) => {
    const { message } = (one ?? {}) as { message?: unknown };
    return isDamage(one) || /unsupported file format|malformed/.test(String(message));
  });
  if (!found || error instanceof QgjobError) return error;
  return damagedDatabase(file, String((found as Error).message).replace(/^(SQLITE_\w+: )+/, ''), error);
}
