import type { Command } from 'commander';
import { type Downloaded, downloadArtifacts } from '../../client/artifacts/download-artifacts.ts';
import { type JobArtifacts, listArtifacts } from '../../client/artifacts/list-artifacts.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { exitCodes } from '../../protocol/exit-codes.ts';
import { formatBytes } from '../../protocol/sizes.ts';
import { plural } from '../../protocol/words.ts';
import { artifactTable } from '../artifacts/artifact-table.ts';
import type { ConnectionFlags } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection, wholeNumber } from '../options.ts';
import { LiveLine } from '../output/live-line.ts';
import { print, printJson, say } from '../output/print.ts';
import { readJobs } from '../read-run.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly download?: string;
  readonly attempt?: number;
  readonly json?: true;
}

export function define(command: Command, done: (exitCode: number) => void): void {
  command
    .description(
      'List the files that tests left (traces, videos, screenshots, reports), or download them. Agents upload them ' +
        'after the verdict, so the last ones may come some time after the end of a job.',
    )
    .argument('[id]', 'a run or a job')
    .option(
      '--download <folder>',
      'download them into this folder; what is there already is not fetched again',
    )
    .option('--attempt <number>', 'of this attempt (all of them)', wholeNumber)
    .option('--json', 'print an array of Artifacts; with --download each has its path');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const named = readOneId(given === undefined ? [] : [given], flags);
    const client = connect(flags);
    const found = await listArtifacts(client, await readJobs(client, named), { attempt: flags.attempt });
    if (flags.download === undefined) return showList(found, flags);
    const line = new LiveLine();
    const total = totalOf(found);
    const downloaded = await downloadArtifacts(client, found, {
      folder: flags.download,
      onProgress: (files, bytes) =>
        line.draw(
          () => `${files} of ${total.files} files, ${formatBytes(bytes)} of ${formatBytes(total.bytes)}`,
        ),
    });
    line.clear();
    done(report(downloaded, flags.download, flags));
  });
}

function showList(found: readonly JobArtifacts[], { json }: Flags): void {
  const artifacts = found.flatMap((one) => one.artifacts);
  if (json) printJson(artifacts);
  else for (const line of artifactTable(artifacts, process.stdout.columns)) print(line);
  if (!json && artifacts.length === 0) say('no artifacts');
}

function totalOf(found: readonly JobArtifacts[]): { files: number; bytes: number } {
  const all = found.flatMap(({ artifacts }) => artifacts);
  return { files: all.length, bytes: all.reduce((sum, { size }) => sum + size, 0) };
}

/** Prints the paths, and on stderr what is missing. Answers the exit code. */
function report(downloaded: readonly Downloaded[], folder: string, { json }: Flags): number {
  const there = downloaded.filter(({ path }) => path !== undefined);
  if (json) printJson(there.map(({ artifact, path }) => ({ ...artifact, path })));
  else for (const { path } of there) print(oneLine(path ?? ''));
  const known = there.filter(({ wasThere }) => wasThere).length;
  say(
    `${plural(there.length, 'file')} in ${folder}${known > 0 ? `, ${known} of them were there already` : ''}`,
  );
  const missing = downloaded.filter(({ path }) => path === undefined);
  for (const { artifact, error } of missing)
    say(
      `qgjob: ${artifact.artifact_id} ${oneLine(artifact.name)} is not downloaded: ${oneLine(error ?? '')}`,
    );
  return missing.length === 0 ? exitCodes.success : exitCodes.unavailable;
}
