import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { type Downloaded, downloadArtifacts } from '../../client/artifacts/download-artifacts.ts';
import { listArtifacts } from '../../client/artifacts/list-artifacts.ts';
import { isShown } from '../../client/blobs/blob-shape.ts';
import { findPlaywright, mergeHtml } from '../../client/blobs/merge-html.ts';
import { tellMissing } from '../../client/blobs/missing-jobs.ts';
import { writeBlobs } from '../../client/blobs/write-blobs.ts';
import type { Client } from '../../client/index.ts';
import { isBlob } from '../../protocol/artifact-names.ts';
import { oneLine } from '../../protocol/clean-text.ts';
import { QgjobError } from '../../protocol/errors.ts';
import type { Job } from '../../protocol/shapes/job.ts';
import { isFinal } from '../../protocol/states.ts';
import { toCtrf } from '../../report/ctrf.ts';
import { toJunit } from '../../report/junit.ts';
import type { RunRecord } from '../../report/run-record.ts';
import { type ConnectionFlags, environment } from '../config.ts';
import { connect } from '../connect.ts';
import { addIdFlags, type IdFlags, readOneId } from '../ids.ts';
import { addConnection } from '../options.ts';
import { print, printJson, say } from '../output/print.ts';
import { readRun } from '../read-run.ts';

interface Flags extends ConnectionFlags, IdFlags {
  readonly output: string;
  readonly json?: true;
}

export function define(command: Command): void {
  command
    .description(
      'Write one report of a whole run: run.json, junit.xml, ctrf.json (ctrf.io), and html/, where its suite left blob ' +
        'reports of Playwright. Prints the paths.',
    )
    .argument('[run]', 'a run')
    .option('--output <folder>', 'where to', 'qgjob-report')
    .option('--json', 'print {"files"}, their paths');
  addConnection(addIdFlags(command)).action(async (given: string | undefined, flags: Flags) => {
    const { id, kind } = readOneId(given === undefined ? [] : [given], flags);
    if (kind !== 'run')
      throw new QgjobError(
        'invalid',
        `${id} is a job; a report is of a run: \`qgjob status ${id}\` names it`,
      );
    const client = connect(flags);
    const record = await readRun(client, id);
    const files: string[] = [];
    const written = (path: string): void => {
      files.push(path);
      if (!flags.json) print(path);
    };
    await writeFiles(record, flags.output, written);
    await writeHtml(client, record, flags.output, written);
    if (flags.json) printJson({ files });
  });
}

/** Called with each path. */
type Written = (path: string) => void;

async function writeFiles(record: RunRecord, folder: string, written: Written): Promise<void> {
  if (!isFinal(record.run.status)) say(`the run is ${record.run.status}: this is what is known now`);
  const files = {
    'run.json': `${JSON.stringify(record, null, 2)}\n`,
    'junit.xml': toJunit(record),
    'ctrf.json': `${JSON.stringify(toCtrf(record), null, 2)}\n`,
  };
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, name), text);
    written(join(folder, name));
  }
}

async function writeHtml(
  client: Client,
  { jobs }: { jobs: readonly Job[] },
  folder: string,
  written: Written,
): Promise<void> {
  const temporary = await mkdtemp(join(tmpdir(), 'qgjob-report-'));
  const root = process.cwd();
  try {
    const shown = await readShown(client, jobs, join(temporary, 'download'));
    const blobs = join(temporary, 'blobs');
    const { count, lacking, missing } = await writeBlobs(shown, jobs, { folder: blobs, root });
    for (const words of lacking) say(oneLine(`the HTML report lacks ${words}`));
    if (count === 0)
      return say('no HTML report: no attempt of this run left a blob report of Playwright (qgjob-blob/)');
    const words = tellMissing(missing, jobs.length);
    if (words !== undefined) say(words);
    const cli = findPlaywright(root);
    if (cli === undefined)
      throw new QgjobError(
        'invalid',
        'the HTML report is made by Playwright, which is not installed here; run this in the folder of the suite, after npm ci',
      );
    await mergeHtml({ cli, blobs, root, output: resolve(folder, 'html'), env: environment() });
    written(join(folder, 'html', 'index.html'));
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

/** Errors: `unavailable` where a blob cannot be had: a report without it would be another one. */
async function readShown(client: Client, jobs: readonly Job[], folder: string): Promise<Downloaded[]> {
  const all = await listArtifacts(client, jobs);
  if (!all.some(({ artifacts }) => artifacts.some(isBlob))) return [];
  const wanted = all.map(({ job, artifacts }) => ({ job, artifacts: artifacts.filter(isShown) }));
  const downloaded = await downloadArtifacts(client, wanted, { folder });
  for (const { artifact, path, error } of downloaded) {
    const what = `${artifact.name} of ${artifact.job_id} is missing: ${error}`;
    if (path === undefined && isBlob(artifact)) throw new QgjobError('unavailable', what);
    if (path === undefined) say(oneLine(what));
  }
  return downloaded;
}
