import { Readable } from 'node:stream';
import { createTarDecoder, type ParsedTarEntry } from 'modern-tar';
import type * as z from 'zod';
import { backupEntries } from '../../protocol/backup.ts';
import { QgjobError } from '../../protocol/errors.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';

/** A file of a backup; its body has to be read, or given up, before the next one. */
export interface Entry {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly body: AsyncIterable<Uint8Array>;
}

/** The backup cannot be restored, and will not be at another try either. */
export const badBackup = (why: string, cause?: unknown): QgjobError =>
  new QgjobError('internal', `this backup cannot be restored: ${why}`, { exitCode: exitCodes.failed, cause });

/** Whatever a tar may hold beside regular files is refused. Errors: `badBackup`; those of the stream. */
export async function* readEntries(bytes: Readable): AsyncGenerator<Entry> {
  const decoder = createTarDecoder({ strict: true });
  const entries = Readable.toWeb(bytes).pipeThrough(
    decoder as never,
  ) as unknown as AsyncIterable<ParsedTarEntry>;
  try {
    for await (const { header, body } of entries) {
      const { name, size, type } = header;
      if (type !== 'file') throw badBackup(`it holds ${shown(name)}, a ${type ?? 'thing'}`);
      if (name === backupEntries.wait) await body.cancel();
      else yield { name, size, body: body as unknown as AsyncIterable<Uint8Array> };
    }
  } catch (error) {
    throw error instanceof QgjobError || isOfDisk(error) ? error : unreadable(error);
  }
}

const isOfDisk = (error: unknown): boolean => typeof (error as NodeJS.ErrnoException).syscall === 'string';

const unreadable = (error: unknown): QgjobError =>
  badBackup(`it is cut off, or no backup (${(error as Error).message.replace(/\.$/, '')})`, error);

/** A name from a backup, for an error. */
export const shown = (name: string): string => JSON.stringify(name.slice(0, 200));

const mostJsonBytes = 2 ** 20;

/** Errors: `badBackup` where it is not of this shape. */
export async function readJson<T extends z.ZodType>(
  { name, size, body }: Entry,
  shape: T,
): Promise<z.output<T>> {
  if (size > mostJsonBytes) throw badBackup(`${shown(name)} is too large`);
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(piece);
  const parsed = shape.safeParse(parseOrNothing(Buffer.concat(pieces).toString('utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw badBackup(`${shown(name)} is not what it must be (${issue?.path.join('.')}: ${issue?.message})`);
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
