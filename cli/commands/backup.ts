import type { Command } from 'commander';
import type { BackupEnd, BackupManifest } from '../../protocol/backup.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { plural } from '../../protocol/words.ts';
import { BackupInspector } from '../backup/inspect-backup.ts';
import { openSource } from '../backup/open-source.ts';
import { openWhole } from '../backup/save-backup.ts';
import type { ConnectionFlags } from '../config.ts';
import { addConnection } from '../options.ts';
import { LiveLine } from '../output/live-line.ts';
import { print, printBytes, printJson, say } from '../output/print.ts';

interface Flags extends ConnectionFlags {
  readonly blobs: boolean;
  readonly force?: true;
  readonly json?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'Make a backup while the server runs: its database as it is at one moment, and the logs, artifacts, bundles and ' +
        'builds that it names, in one tar for `qgjob restore`. Needs the token of the operator. The file holds secrets: ' +
        'keep it as you keep the server.',
    )
    .argument('<file>', 'the file to write; - is stdout')
    .option('--no-blobs', 'leave out logs, artifacts, bundles and builds')
    .option('--force', 'replace the file where it is there')
    .option('--json', 'print what is in it as JSON');
  addConnection(command).action(async (file: string, flags: Flags) => done(await backUp(file, flags)));
}

interface Made {
  readonly manifest: BackupManifest;
  readonly end: BackupEnd;
  readonly bytes: number;
}

async function backUp(file: string, flags: Flags): Promise<number> {
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  process.once('SIGINT', onSignal);
  process.once('SIGTERM', onSignal);
  try {
    const made = file === '-' ? await toStdout(flags, stop.signal) : await toFile(file, flags, stop.signal);
    report(file, made, flags);
    return exitCodes.success;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    say('qgjob: interrupted; nothing is kept of the backup');
    return exitCodes.interrupted;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

async function toFile(path: string, flags: Flags, signal: AbortSignal): Promise<Made> {
  const file = await openWhole(path, flags.force === true);
  try {
    const made = await take(flags, signal, async (chunk) => {
      await file.handle.writeFile(chunk);
    });
    await file.keep();
    return made;
  } finally {
    await file.discard();
  }
}

const toStdout = (flags: Flags, signal: AbortSignal): Promise<Made> => take(flags, signal, printBytes);

async function take(
  flags: Flags,
  signal: AbortSignal,
  write: (chunk: Uint8Array) => Promise<void>,
): Promise<Made> {
  const inspector = new BackupInspector();
  const line = new LiveLine();
  let bytes = 0;
  try {
    line.draw(() => 'copying the database');
    for await (const chunk of await openSource(flags, { withFiles: flags.blobs, signal })) {
      signal.throwIfAborted();
      await inspector.push(chunk);
      await write(chunk);
      bytes += chunk.length;
      line.draw(() => progress(bytes, inspector.seen.manifest));
    }
    return { ...(await inspector.finish()), bytes };
  } finally {
    line.clear();
  }
}

function progress(bytes: number, manifest: BackupManifest | undefined): string {
  if (!manifest) return 'copying the database';
  const { database, files } = manifest;
  const named = Object.values(files ?? {}).reduce((sum, one) => sum + one.bytes, 0);
  const what = bytes <= database.bytes ? 'database' : 'files';
  // Logs come on top of that: nobody knows their length before.
  return `${what}: ${formatBytes(bytes)} of ${formatBytes(database.bytes + named)}${files ? ' and the logs' : ''}`;
}

function report(file: string, { manifest, end, bytes }: Made, { json }: Flags): void {
  const tell = file === '-' ? say : print;
  if (json && file !== '-') {
    printJson({ file, bytes, end, manifest });
    return;
  }
  const { runs = 0, jobs = 0 } = manifest.rows;
  const files = manifest.files ? plural(end.files, 'file') : 'without logs, artifacts, bundles and builds';
  tell(
    `${file}: ${plural(jobs, 'job')} in ${plural(runs, 'run')}, ${files}, ${formatBytes(bytes)}, as of ${manifest.taken_at}`,
  );
  if (end.missing > 0)
    say(
      `${plural(end.missing, 'file')} had been deleted before ${end.missing === 1 ? 'it' : 'they'} could be read`,
    );
  if (end.unreadable > 0)
    say(
      `qgjob: ${plural(end.unreadable, 'file')} could not be read: a restore leaves ${end.unreadable === 1 ? 'it' : 'them'} out`,
    );
}
