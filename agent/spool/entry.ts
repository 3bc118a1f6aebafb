import { type FileHandle, lstat, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import * as z from 'zod';
import { limits } from '../../protocol/limits.ts';
import { FinishJob, LeaseId } from '../../protocol/shapes/agent.ts';
import type { AgentConfig } from '../config.ts';
import { agentFolder } from '../folders.ts';
import type { LogRest } from '../logs/log-upload.ts';

/** A verdict and where it belongs. Its texts are redacted. */
export const Verdict = z.strictObject({
  lease_id: LeaseId,
  /** Of the lease: it is good for a day after the lease's end, whoever sends the verdict. */
  token: z.string().min(1).max(limits.tokenLength),
  job_id: z.string().min(1).max(100),
  /** For messages about it. */
  test_path: z.string(),
  /** The body of the call. */
  finish: FinishJob,
});
export type Verdict = z.infer<typeof Verdict>;

/**
 * The first line of a spool file. The rest of the file are the bytes of the attempt's log that the server may not have:
 * in one file, so that a verdict and its log are there together or not at all.
 */
const EntryHead = z.strictObject({
  version: z.literal(2),
  /** The address of the server that it is for: no other server gets it. */
  server: z.string().max(2000),
  verdict: Verdict,
  log: z.strictObject({
    offset: z.int().min(0),
    size: z.int().min(0).max(limits.logBytes),
  }),
});
type EntryHead = z.infer<typeof EntryHead>;

const mostBytes = limits.jsonBodyBytes + limits.logBytes;

/** What a spool file holds. */
export interface EntryContent {
  readonly server: string;
  readonly verdict: Verdict;
  readonly log: LogRest;
}

/** A spool file that was read. */
export interface Entry extends EntryContent {
  readonly path: string;
}

/** The spool of all processes of this agent's name; made when first needed. */
export const spoolFolder = (config: AgentConfig): string => join(agentFolder(config), 'spool');

export const entrySuffix = '.spool';
/** A file that is being written; the number is that of the process. */
export const halfSuffix = /\.(\d+)\.tmp$/;

/** One file for each attempt. The ids come from the server: nothing in them may lead out of the folder. */
function entryName({ lease_id, job_id, finish }: Verdict): string {
  const ids = [lease_id, job_id].map((id) => id.replaceAll(/[^A-Za-z0-9_-]/g, '_'));
  return `${ids.join('-')}-${finish.attempt}${entrySuffix}`;
}

/**
 * Writes a verdict to disk, mode 0600. When this resolves, the file survives a power failure, and nobody ever sees half
 * of it. Answers its path. Errors: those of the file system.
 */
export async function writeEntry(folder: string, { server, verdict, log }: EntryContent): Promise<string> {
  const size = log.bytes.length;
  const head: EntryHead = { version: 2, server, verdict, log: { offset: log.offset, size } };
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, entryName(verdict));
  const half = `${path}.${process.pid}.tmp`;
  try {
    await writeSynced(half, [Buffer.from(`${JSON.stringify(head)}\n`), log.bytes]);
    await rename(half, path);
  } catch (error) {
    await rm(half, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder);
  return path;
}

async function writeSynced(path: string, parts: readonly Buffer[]): Promise<void> {
  await rm(path, { force: true });
  const file = await open(path, 'wx', 0o600);
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** The new name must be on disk too. Not every system can open a folder; there the name follows soon by itself. */
async function syncFolder(folder: string): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(folder, 'r');
    await handle.sync();
  } catch {
    // The file itself is there.
  } finally {
    await handle?.close();
  }
}

/** Why a file is no spool file, in a few words. */
export interface Damaged {
  readonly damaged: string;
}

/** Reads a spool file, which may be anything. Undefined: it is gone, since another process has sent it. */
export async function readEntry(path: string): Promise<Entry | Damaged | undefined> {
  try {
    const found = await lstat(path);
    if (!found.isFile()) return { damaged: 'not a file' };
    if (found.size > mostBytes) return { damaged: `${found.size} bytes` };
    return parseEntry(path, await readFile(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return { damaged: (error as Error).message };
  }
}

function parseEntry(path: string, bytes: Buffer): Entry | Damaged {
  const headEnd = bytes.indexOf('\n');
  if (headEnd === -1) return { damaged: 'it has no first line' };
  const head = EntryHead.safeParse(JSON.parse(bytes.toString('utf8', 0, headEnd)));
  if (!head.success) return { damaged: 'its first line is not that of a verdict' };
  const { server, verdict, log } = head.data;
  const rest = bytes.subarray(headEnd + 1);
  if (rest.length !== log.size) return { damaged: `${rest.length} bytes of log, not ${log.size}` };
  if (entryName(verdict) !== basename(path)) return { damaged: 'its name is that of another one' };
  return { path, server, verdict, log: { offset: log.offset, bytes: rest } };
}
